internal import Glibc

/// An exclusive lock on a directory, held while the value lives.
///
/// It keeps apart those who change files in the directory and take the lock; readers need none. A
/// lock on the file itself would not do, since each change puts another file in its place.
struct DirectoryLock: ~Copyable {
    private let descriptor: CInt

    /// Waits for the lock on the directory that holds `path`.
    init(containing path: String) throws(TokenFileError) {
        self.descriptor = try Self.lockedDescriptor(of: Self.directory(of: path))
    }

    deinit { close(self.descriptor) }

    /// Makes a rename in the directory last through a power cut.
    func synchronize() throws(TokenFileError) {
        guard fsync(self.descriptor) == 0 else {
            throw TokenFileError("cannot write the directory to disk: \(SystemError.last)")
        }
    }

    private static func lockedDescriptor(of directory: String) throws(TokenFileError) -> CInt {
        let descriptor = unsafe open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else {
            throw TokenFileError("cannot open the directory '\(directory)': \(SystemError.last)")
        }
        while flock(descriptor, LOCK_EX) != 0 {
            guard errno == EINTR else {
                let reason = SystemError.last
                close(descriptor)
                throw TokenFileError("cannot lock the directory '\(directory)': \(reason)")
            }
        }
        return descriptor
    }

    private static func directory(of path: String) -> String {
        guard let slash = path.lastIndex(of: "/") else { return "." }
        return slash == path.startIndex ? "/" : String(path[..<slash])
    }
}
