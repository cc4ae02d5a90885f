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
    private let directory: String
    private let held: Mutex<Held>

    /// What must be given back, each once.
    private struct Held {
        var lock: CInt?
        var directory: CInt?
        /// The inode of the socket at the path.
        var published: UInt64?
    }

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
        let lock = try Self.lockFile(at: self.lockPath)
        do throws(SocketFileError) {
            try Self.checkReplaceable(path)
            let (directory, descriptor) = try Self.makePrivateDirectory(beside: path)
            self.directory = directory
            self.bindPath = "/proc/self/fd/\(descriptor)/\(directory.suffix(6))"
            self.held = Mutex(Held(lock: lock, directory: descriptor))
        } catch {
            _ = unsafe unlink(self.lockPath)
            Glibc.close(lock)
            throw error
        }
    }

    /// Moves the bound socket to the path.
    func publish(mode: UInt32) throws {
        let bound = self.directory + "/\(self.directory.suffix(6))"
        guard unsafe chmod(bound, mode) == 0, unsafe rename(bound, self.path) == 0 else {
            throw SocketFileError(
                description: "the socket cannot be put at \(self.path): \(Self.lastError)"
            )
        }
        self.held.withLock { held in
            held.published = Self.inode(of: self.path)
            self.removeDirectory(&held)
        }
    }

    /// Gives the path back, once; removes the socket only if it is still ours.
    func release() {
        self.held.withLock { held in
            guard let lock = held.lock else { return }
            if let ours = held.published, ours == Self.inode(of: self.path) {
                _ = unsafe unlink(self.path)
            }
            self.removeDirectory(&held)
            _ = unsafe unlink(self.lockPath)
            Glibc.close(lock)
            held = Held()
        }
    }

    private func removeDirectory(_ held: inout Held) {
        guard let descriptor = held.directory else { return }
        _ = unsafe unlink(self.directory + "/\(self.directory.suffix(6))")
        _ = unsafe rmdir(self.directory)
        Glibc.close(descriptor)
        held.directory = nil
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
                let advice =
                    errno == ENOENT ? "; make the directory, or give another socket path" : ""
                throw SocketFileError(
                    description: "cannot open \(path): \(Self.lastError)\(advice)"
                )
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
        // Without waiting: a server whose backlog is full is a server.
        let kind = SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue
        let probe = socket(AF_UNIX, Int32(kind), 0)
        defer { if probe >= 0 { Glibc.close(probe) } }
        let address = SocketAddress(unixPath: path)
        let connected = unsafe address.withSockAddr { pointer, size in
            unsafe connect(probe, pointer, socklen_t(size))
        }
        guard connected != 0, errno == ECONNREFUSED || errno == ENOENT else {
            let found =
                connected == 0 || errno == EAGAIN
                ? "is served by another process" : "may be in use (\(Self.lastError))"
            throw SocketFileError(
                description: "\(path) \(found); stop its server or choose another path"
            )
        }
    }

    private static func makePrivateDirectory(
        beside path: String
    ) throws(SocketFileError) -> (path: String, descriptor: CInt) {
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
        let descriptor = unsafe open(made, O_DIRECTORY | O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else {
            let error = Self.lastError
            _ = unsafe rmdir(made)
            throw SocketFileError(description: "cannot open \(made): \(error)")
        }
        return (made, descriptor)
    }
}
