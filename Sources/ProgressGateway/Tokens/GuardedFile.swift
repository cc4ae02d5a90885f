internal import FoundationEssentials
internal import Glibc

/// A file that only its keepers may write.
///
/// Reads and writes block the calling thread for the time of a few system calls on a small file.
struct GuardedFile {
    /// Most bytes of a file (4 MiB).
    static let byteLimit = 4 << 20
    /// Permissions of a file that is created here.
    static let newFileMode: mode_t = 0o640

    /// Where the file is, symbolic links resolved if it exists.
    let path: String

    init(path: String) {
        let resolved = unsafe realpath(path, nil)
        self.path = unsafe resolved.map { unsafe String(cString: $0) } ?? path
        unsafe free(resolved)
    }

    var exists: Bool { unsafe access(self.path, F_OK) == 0 }

    /// - Throws: ``TokenFileError`` unless the path is a regular file of at most ``byteLimit``
    ///   bytes that not everyone may write.
    func read() throws(TokenFileError) -> Data {
        let descriptor = unsafe open(self.path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else {
            throw TokenFileError("cannot open '\(self.path)': \(SystemError.last)")
        }
        defer { close(descriptor) }
        let status = try self.status(of: descriptor)
        guard status.st_mode & S_IFMT == S_IFREG else {
            throw TokenFileError("'\(self.path)' is not a regular file")
        }
        guard status.st_mode & S_IWOTH == 0 else {
            throw TokenFileError(
                "'\(self.path)' can be written by everyone; take that away with chmod o-w"
            )
        }
        return try self.content(of: descriptor)
    }

    /// Puts a file with `content` in place of this one, in one step and on disk.
    ///
    /// Owner, group and permissions of a file that exists are kept.
    func replace(with content: Data, under lock: borrowing DirectoryLock) throws(TokenFileError) {
        let draft = "\(self.path).new"
        // Under the lock a draft that exists is what a crash left behind.
        unsafe unlink(draft)
        let descriptor = unsafe open(draft, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else {
            throw TokenFileError("cannot create '\(draft)': \(SystemError.last)")
        }
        do throws(TokenFileError) {
            defer { close(descriptor) }
            try self.prepare(descriptor, with: content)
            guard unsafe rename(draft, self.path) == 0 else {
                throw TokenFileError("cannot replace '\(self.path)': \(SystemError.last)")
            }
        } catch {
            unsafe unlink(draft)
            throw error
        }
        try lock.synchronize()
    }

    private func prepare(_ descriptor: CInt, with content: Data) throws(TokenFileError) {
        var mode = Self.newFileMode
        var current = stat()
        if unsafe stat(self.path, &current) == 0 {
            mode = current.st_mode & 0o7777
            guard fchown(descriptor, current.st_uid, current.st_gid) == 0 else {
                throw TokenFileError(
                    "cannot keep the owner of '\(self.path)': \(SystemError.last); run as its owner"
                )
            }
        }
        var rest = content[...]
        while !rest.isEmpty {
            let count = unsafe rest.withUnsafeBytes { bytes in
                unsafe write(descriptor, bytes.baseAddress, bytes.count)
            }
            guard count > 0 else {
                if count < 0, errno == EINTR { continue }
                throw TokenFileError("cannot write '\(self.path)': \(SystemError.last)")
            }
            rest = rest.dropFirst(count)
        }
        guard fchmod(descriptor, mode) == 0, fsync(descriptor) == 0 else {
            throw TokenFileError("cannot write '\(self.path)' to disk: \(SystemError.last)")
        }
    }

    private func status(of descriptor: CInt) throws(TokenFileError) -> stat {
        var status = stat()
        guard unsafe fstat(descriptor, &status) == 0 else {
            throw TokenFileError("cannot examine '\(self.path)': \(SystemError.last)")
        }
        return status
    }

    private func content(of descriptor: CInt) throws(TokenFileError) -> Data {
        var content = Data()
        var chunk = [UInt8](repeating: 0, count: 64 << 10)
        while true {
            let count = unsafe chunk.withUnsafeMutableBytes { bytes in
                unsafe Glibc.read(descriptor, bytes.baseAddress, bytes.count)
            }
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else {
                throw TokenFileError("cannot read '\(self.path)': \(SystemError.last)")
            }
            if count == 0 { return content }
            content.append(contentsOf: chunk[..<count])
            guard content.count <= Self.byteLimit else {
                throw TokenFileError("'\(self.path)' is larger than \(Self.byteLimit) bytes")
            }
        }
    }
}
