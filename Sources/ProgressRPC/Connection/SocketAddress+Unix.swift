import Glibc
import NIOCore

extension SocketAddress {
    /// The address of a Unix-domain socket with a path of up to ``Limits/socketPathByteCount`` bytes.
    ///
    /// SwiftNIO's own initialiser stops at the 103 bytes that other systems allow. A longer path is
    /// cut: whoever takes paths from outside checks them first.
    init(unixPath path: String) {
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        unsafe withUnsafeMutableBytes(of: &address.sun_path) { target in
            unsafe target.copyBytes(from: path.utf8.prefix(Limits.socketPathByteCount))
        }
        self.init(address)
    }
}
