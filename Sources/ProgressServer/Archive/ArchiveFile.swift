import Glibc

/// A file of the state directory, open for one reading or one writing.
struct ArchiveFile: ~Copyable {
    private let descriptor: CInt
    /// Bytes that a reader has not yet read, by the size that the file had when it was opened.
    private(set) var remaining: Int

    deinit { close(self.descriptor) }

    /// Opens a file for reading.
    ///
    /// - Returns: `nil` if nothing has this name.
    /// - Throws: ``ArchiveError`` unless it is a regular file of this user, to which nobody else may
    ///   write, of at most `byteLimit` bytes.
    static func reading(
        _ name: String,
        in directory: CInt,
        byteLimit: Int
    ) throws(ArchiveError) -> Self? {
        // Without waiting: what opens may be a pipe.
        let flags = O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK
        let descriptor = unsafe openat(directory, name, flags)
        guard descriptor >= 0 else {
            if errno == ENOENT { return nil }
            if errno == ELOOP { throw ArchiveError(.notOurs, "'\(name)' is a symbolic link") }
            throw .system("open '\(name)'")
        }
        var file = Self(descriptor: descriptor, remaining: 0)
        file.remaining = try file.byteCount(name: name, limit: byteLimit)
        return file
    }

    private borrowing func byteCount(name: String, limit: Int) throws(ArchiveError) -> Int {
        var status = stat()
        guard unsafe fstat(self.descriptor, &status) == 0 else {
            throw .system("examine '\(name)'")
        }
        guard status.st_mode & S_IFMT == S_IFREG else {
            throw ArchiveError(.notOurs, "'\(name)' is not a regular file")
        }
        // Its numbers are believed: only this server may have written them.
        guard status.st_uid == geteuid(), status.st_mode & (S_IWGRP | S_IWOTH) == 0 else {
            throw ArchiveError(
                .notOurs,
                "'\(name)' is of user \(status.st_uid) with mode "
                    + "\(String(status.st_mode & 0o7777, radix: 8)); only the own user may write it"
            )
        }
        guard status.st_size <= limit else {
            throw ArchiveError(
                .limit,
                "the archive has \(status.st_size) bytes; the limit is \(limit)"
            )
        }
        return Int(status.st_size)
    }

    /// Creates a file that nobody else can read (mode 0600).
    static func creating(_ name: String, in directory: CInt) throws(ArchiveError) -> Self {
        let flags = O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW
        let descriptor = unsafe openat(directory, name, flags, 0o600)
        guard descriptor >= 0 else { throw .system("create '\(name)'") }
        return Self(descriptor: descriptor, remaining: 0)
    }

    /// Reads exactly `count` bytes.
    ///
    /// - Throws: ``ArchiveError`` with code `damaged`, before anything is allocated, if there are
    ///   fewer.
    mutating func read(_ count: Int) throws(ArchiveError) -> [UInt8] {
        guard count <= self.remaining else {
            throw .damaged("it ends \(self.remaining) bytes into a part of \(count) or more")
        }
        self.remaining -= count
        let descriptor = self.descriptor
        var failure: CInt?
        // The array takes as its count what was read to its start.
        let bytes = unsafe [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
            while filled < count {
                let rest = unsafe buffer.baseAddress?.advanced(by: filled)
                let got = unsafe Glibc.read(descriptor, rest, count - filled)
                if got < 0, errno == EINTR { continue }
                if got < 0 { failure = errno }
                guard got > 0 else { return }
                filled += got
            }
        }
        if let failure { throw .system("read the archive", errno: failure) }
        guard bytes.count == count else { throw .damaged("it became shorter while it was read") }
        return bytes
    }

    borrowing func write(_ bytes: [UInt8]) throws(ArchiveError) {
        var offset = 0
        while offset < bytes.count {
            let count = unsafe bytes[offset...].withUnsafeBytes { rest in
                unsafe Glibc.write(self.descriptor, rest.baseAddress, rest.count)
            }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { throw .system("write the archive") }
            offset += count
        }
    }

    /// Makes what was written last through a power cut.
    borrowing func synchronize() throws(ArchiveError) {
        guard fsync(self.descriptor) == 0 else { throw .system("write the archive to disk") }
    }
}
