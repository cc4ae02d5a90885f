import Glibc
import NIOCore
import Synchronization

/// Why a socket path cannot be taken.
public struct SocketFileError: Error, Equatable, Sendable, CustomStringConvertible {
    /// What was found and what to do.
    public var description: String
}

/// The right to serve on a socket path.
///
/// A lock on `<path>.lock` keeps a second server away. The socket is bound in a private directory
/// beside the path and renamed over it, so that it is never reachable with wrong permissions, and a
/// socket that a dead server left is replaced without a moment in which connects fail.
final class SocketFile: Sendable {
    let path: String
    /// Where to bind; short whatever the path's length.
    let bindPath: String
    private let lockPath: String
    private let lock: CInt
    private let directory: String
    private let directoryDescriptor: CInt
    private let published = Mutex<UInt64?>(nil)

    /// Claims a path.
    ///
    /// - Throws: ``SocketFileError`` for a path that is too long or abstract, is served by another
    ///   process, or is something other than a socket.
    init(claiming path: String) throws(SocketFileError) {
        let count = path.utf8.count
        guard count > 0, count <= Limits.socketPathByteCount, !path.utf8.contains(0) else {
            throw SocketFileError(
                description: "the socket path has \(count) bytes; "
                    + "it must have 1 to \(Limits.socketPathByteCount)"
            )
        }
        guard path.utf8.first != UInt8(ascii: "@") else {
            throw SocketFileError(
                description: "the socket path is abstract; it must name a file, which has an owner"
            )
        }
        self.path = path
        self.lockPath = path + ".lock"
        self.lock = try Self.lockFile(at: self.lockPath)
        do throws(SocketFileError) {
            try Self.checkReplaceable(path)
            self.directory = try Self.makePrivateDirectory(beside: path)
        } catch {
            _ = unsafe unlink(self.lockPath)
            Glibc.close(self.lock)
            throw error
        }
        self.directoryDescriptor = unsafe open(self.directory, O_DIRECTORY | O_RDONLY | O_CLOEXEC)
        self.bindPath = "/proc/self/fd/\(self.directoryDescriptor)/\(self.directory.suffix(6))"
    }

    /// Moves the bound socket to the path.
    func publish(mode: UInt32) throws {
        let bound = self.directory + "/\(self.directory.suffix(6))"
        guard unsafe chmod(bound, mode) == 0, unsafe rename(bound, self.path) == 0 else {
            throw SocketFileError(
                description: "the socket cannot be put at \(self.path): \(Self.lastError)"
            )
        }
        self.published.withLock { $0 = Self.inode(of: self.path) }
        self.removeDirectory()
    }

    /// Gives the path back; removes the socket only if it is still ours.
    func release() {
        let ours = self.published.withLock { inode in
            defer { inode = nil }
            return inode
        }
        if let ours, ours == Self.inode(of: self.path) { _ = unsafe unlink(self.path) }
        self.removeDirectory()
        _ = unsafe unlink(self.lockPath)
        Glibc.close(self.lock)
    }

    private func removeDirectory() {
        _ = unsafe unlink(self.directory + "/\(self.directory.suffix(6))")
        if unsafe rmdir(self.directory) == 0 { Glibc.close(self.directoryDescriptor) }
    }
}

extension SocketFile {
    private static var lastError: String { unsafe String(cString: strerror(errno)) }

    /// The inode of a socket; `nil` if there is none.
    private static func inode(of path: String) -> UInt64? {
        var status = stat()
        guard unsafe lstat(path, &status) == 0, status.st_mode & S_IFMT == S_IFSOCK else {
            return nil
        }
        return UInt64(status.st_ino)
    }

    private static func lockFile(at path: String) throws(SocketFileError) -> CInt {
        // A lock on a file that its last owner unlinked meanwhile is worth nothing: try again.
        for _ in 0..<16 {
            let descriptor = unsafe open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o600)
            guard descriptor >= 0 else {
                throw SocketFileError(description: "cannot open \(path): \(Self.lastError)")
            }
            guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
                Glibc.close(descriptor)
                throw SocketFileError(
                    description: "another server has the socket path: it holds \(path)"
                )
            }
            var held = stat()
            var found = stat()
            if unsafe fstat(descriptor, &held) == 0, unsafe stat(path, &found) == 0,
                held.st_ino == found.st_ino
            {
                return descriptor
            }
            Glibc.close(descriptor)
        }
        throw SocketFileError(description: "\(path) changes all the time")
    }

    /// Whether what is at the path, if anything, is a socket that nobody serves.
    private static func checkReplaceable(_ path: String) throws(SocketFileError) {
        var status = stat()
        guard unsafe lstat(path, &status) == 0 else { return }
        guard status.st_mode & S_IFMT == S_IFSOCK else {
            throw SocketFileError(
                description: "\(path) exists and is no socket; move it away or choose another path"
            )
        }
        let probe = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        defer { Glibc.close(probe) }
        let address = SocketAddress(unixPath: path)
        let connected = unsafe address.withSockAddr { pointer, size in
            unsafe connect(probe, pointer, socklen_t(size))
        }
        guard connected != 0 else {
            throw SocketFileError(
                description: "\(path) is served by another process; stop it or choose another path"
            )
        }
    }

    private static func makePrivateDirectory(beside path: String) throws(SocketFileError) -> String
    {
        var template = Array((path + ".XXXXXX").utf8CString)
        let made = unsafe template.withUnsafeMutableBufferPointer { buffer -> String? in
            guard let base = buffer.baseAddress, let result = unsafe mkdtemp(base) else {
                return nil
            }
            return unsafe String(cString: result)
        }
        guard let made else {
            throw SocketFileError(
                description: "cannot make a directory beside \(path): \(Self.lastError)"
            )
        }
        return made
    }
}
