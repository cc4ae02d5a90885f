import Glibc
import TestSupport

/// A socket where PostgreSQL's would be, whose owner takes connections and says nothing.
final class SilentSocket {
    private let temporary: TemporaryDirectory
    private let descriptor: CInt

    var directory: String { self.temporary.path }

    init() throws {
        self.temporary = try TemporaryDirectory()
        self.descriptor = try listeningSocket(at: "\(self.temporary.path)/.s.PGSQL.5432")
    }

    deinit { close(self.descriptor) }
}

/// A socket on which connections can be accepted.
func listeningSocket(at path: String) throws -> CInt {
    let descriptor = socket(AF_UNIX, CInt(SOCK_STREAM.rawValue), 0)
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: Array(path.utf8)) }
    let length = socklen_t(MemoryLayout<sockaddr_un>.size)
    let isBound = withUnsafePointer(to: &address) { pointer in
        pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
            bind(descriptor, $0, length) == 0 && listen(descriptor, 8) == 0
        }
    }
    guard isBound else { throw SilentSocketError(code: errno) }
    return descriptor
}

struct SilentSocketError: Error {
    let code: CInt
}
