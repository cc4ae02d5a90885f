import Glibc
import NIOCore

/// Whether somebody accepts connections at a Unix socket.
func canConnect(toSocket path: String) -> Bool {
    connectionError(toSocket: path) == 0
}

/// Why nobody accepts connections at a Unix socket, as an `errno`; 0 if somebody does.
func connectionError(toSocket path: String) -> Int32 {
    guard let address = try? SocketAddress(unixDomainSocketPath: path) else { return ENAMETOOLONG }
    let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
    guard descriptor >= 0 else { return errno }
    defer { close(descriptor) }
    return address.withSockAddr { connect(descriptor, $0, socklen_t($1)) } == 0 ? 0 : errno
}
