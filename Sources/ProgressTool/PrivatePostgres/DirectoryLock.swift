import Glibc
import Synchronization

/// An exclusive lock on a directory, held until released; the kernel drops it if we die.
///
/// The lock file holds our process id, so that the next comer can name the owner.
final class DirectoryLock: Sendable {
    private let descriptor: Mutex<CInt?>

    /// - Throws: ``PrivatePostgresError`` that names the owner's process id if there is one.
    init(path: String) throws(PrivatePostgresError) {
        let descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else {
            throw PrivatePostgresError("cannot open '\(path)': \(String(cString: strerror(errno)))")
        }
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
            var bytes = [UInt8](repeating: 0, count: 32)
            let count = read(descriptor, &bytes, bytes.count)
            let owner = String(decoding: bytes.prefix(max(count, 0)), as: UTF8.self)
            close(descriptor)
            throw PrivatePostgresError(
                "the PostgreSQL beside '\(path)' is in use by process \(owner); "
                    + "stop that process or choose another directory"
            )
        }
        ftruncate(descriptor, 0)
        let owner = Array("\(getpid())".utf8)
        _ = write(descriptor, owner, owner.count)
        self.descriptor = Mutex(descriptor)
    }

    deinit { self.release() }

    /// Lets the next owner in; does nothing the second time.
    func release() {
        let held = self.descriptor.withLock { descriptor in
            defer { descriptor = nil }
            return descriptor
        }
        if let held { close(held) }
    }
}
