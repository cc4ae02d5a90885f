import FoundationEssentials
package import Glibc

/// A child process, its files and its end.
///
/// The thread that starts a child with a death signal must outlive it: Linux sends the signal when
/// that thread ends, not the process.
package struct Subprocess: Sendable {
    var arguments: [String]
    /// Where the child starts; `nil` is where we are.
    var directory: String?
    /// The descriptor that receives its output; `nil` drops it.
    var outputDescriptor: CInt?
    /// The descriptor that receives its errors; `nil` sends them where its output goes.
    var errorDescriptor: CInt?

    package init(
        _ arguments: [String],
        directory: String? = nil,
        outputDescriptor: CInt? = nil,
        errorDescriptor: CInt? = nil
    ) {
        self.arguments = arguments
        self.directory = directory
        self.outputDescriptor = outputDescriptor
        self.errorDescriptor = errorDescriptor
    }

    /// Starts the child in a process group of its own, so that Ctrl-C reaches only us.
    package func start() throws(PrivatePostgresError) -> pid_t {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        if let descriptor = self.outputDescriptor {
            posix_spawn_file_actions_adddup2(&actions, descriptor, 1)
        } else {
            posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_WRONLY, 0)
        }
        posix_spawn_file_actions_adddup2(&actions, self.errorDescriptor ?? 1, 2)
        for descriptor in Self.openDescriptors() where descriptor > 2 {
            posix_spawn_file_actions_addclose(&actions, descriptor)
        }

        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        // Whatever we block or ignore, the child starts afresh.
        var signals = sigset_t()
        sigemptyset(&signals)
        posix_spawnattr_setsigmask(&attributes, &signals)
        for signal in [SIGINT, SIGTERM, SIGQUIT, SIGHUP, SIGPIPE, SIGCHLD] {
            sigaddset(&signals, signal)
        }
        posix_spawnattr_setsigdefault(&attributes, &signals)
        let flags = POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF
        posix_spawnattr_setflags(&attributes, Int16(flags))

        var child: pid_t = 0
        let changeOfDirectory = self.directory.map { ["env", "--chdir=\($0)", "--"] } ?? []
        let arguments = changeOfDirectory + self.arguments
        var argv = arguments.map { strdup($0) } + [nil]
        defer { argv.forEach { free($0) } }
        let result = posix_spawnp(&child, arguments[0], &actions, &attributes, &argv, environ)
        guard result == 0 else {
            throw PrivatePostgresError(
                "cannot start '\(arguments[0])': \(String(cString: strerror(result)))"
            )
        }
        return child
    }

    /// Descriptors that the child must not inherit, whoever opened them.
    private static func openDescriptors() -> [CInt] {
        let names = try? FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd")
        return (names ?? []).compactMap(CInt.init)
    }

    /// Starts the child and waits for its end.
    ///
    /// - Returns: Its exit status, or 128 and the signal that ended it.
    func run() throws(PrivatePostgresError) -> CInt {
        Self.waitForEnd(of: try self.start())
    }

    package static func waitForEnd(of child: pid_t) -> CInt {
        var status: CInt = 0
        while waitpid(child, &status, 0) == -1, errno == EINTR {}
        let signal = status & 0x7f
        return signal == 0 ? (status >> 8) & 0xff : 128 + signal
    }

    /// Runs the child and returns what it writes.
    ///
    /// - Throws: ``PrivatePostgresError`` with the last lines if the exit status is not 0.
    func output() throws(PrivatePostgresError) -> String {
        var ends: [CInt] = [-1, -1]
        guard pipe(&ends) == 0 else {
            throw PrivatePostgresError("cannot open a pipe: errno \(errno)")
        }
        defer { close(ends[0]) }
        var subprocess = self
        subprocess.outputDescriptor = ends[1]
        let started = Result { () throws(PrivatePostgresError) in try subprocess.start() }
        close(ends[1])
        let child = try started.get()
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 4_096)
        while case let count = read(ends[0], &chunk, chunk.count), count > 0 {
            bytes += chunk.prefix(count)
        }
        let status = Self.waitForEnd(of: child)
        let text = String(decoding: bytes, as: UTF8.self)
        guard status == 0 else {
            let lines = text.split(separator: "\n").suffix(5).joined(separator: "; ")
            throw PrivatePostgresError(
                "'\(self.arguments.joined(separator: " "))' ended with status \(status): \(lines)"
            )
        }
        return text
    }
}
