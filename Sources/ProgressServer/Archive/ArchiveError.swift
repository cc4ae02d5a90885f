import Glibc

/// Why there is no archive to use, or why none was written.
struct ArchiveError: Error, Equatable, Sendable, CustomStringConvertible {
    /// What to tell apart in tests and counts; each of them means to go on without an archive.
    enum Code: Equatable, Sendable {
        /// A call of the operating system failed.
        case system
        /// Another process has the state directory.
        case inUse
        /// Something else than a file of our own is at the path.
        case notOurs
        /// The bytes are not what a writer wrote.
        case damaged
        /// Another version of the format.
        case unsupported
        /// Of another database, or of another life of this one.
        case foreign
        /// Past a limit.
        case limit
    }

    var code: Code
    /// What was found and what is allowed; for the log, never for a remote caller.
    var description: String

    init(_ code: Code, _ description: String) {
        self.code = code
        self.description = description
    }

    static func damaged(_ description: String) -> Self {
        Self(.damaged, "the archive is damaged: \(description)")
    }

    static func foreign(_ stored: String, _ present: some CustomStringConvertible) -> Self {
        Self(.foreign, "the archive is \(stored); here it is \(present)")
    }

    /// The calling thread's last system call failed; `action` goes on from "cannot".
    static func system(_ action: String, errno number: CInt = Glibc.errno) -> Self {
        let reason = unsafe strerror(number).map { unsafe String(cString: $0) }
        return Self(.system, "cannot \(action): \(reason ?? "error \(number)")")
    }
}
