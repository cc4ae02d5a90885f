import Glibc
import NIOCore

/// Whether somebody accepts connections at a Unix socket.
func canConnect(toSocket path: String) -> Bool {
    guard let address = try? SocketAddress(unixDomainSocketPath: path) else { return false }
    let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
    guard descriptor >= 0 else { return false }
    defer { close(descriptor) }
    return address.withSockAddr { connect(descriptor, $0, socklen_t($1)) } == 0
}
