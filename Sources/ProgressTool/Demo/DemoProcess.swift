import Glibc
import PrivatePostgres
import ProgressPostgres
import Synchronization

/// A child of the demo.
///
/// `setpriv` gives it a death signal, so that it ends also when we are killed. Linux sends that
/// signal when the *thread* that started the child ends, hence one that waits as long as it lives.
final class DemoProcess: Sendable {
    /// The program, for people.
    let name: String
    let processID: pid_t
    /// Where its output goes.
    let logPath: String
    /// Happens when the child has ended.
    let end: Event
    /// The exit status, or 128 and the signal; `nil` while it runs.
    private let exitStatus = Mutex<Int32?>(nil)

    private init(name: String, processID: pid_t, logPath: String, end: Event) {
        self.name = name
        self.processID = processID
        self.logPath = logPath
        self.end = end
    }

    /// Starts `arguments`, with a fresh log at `logPath`.
    ///
    /// - Parameter onEnd: Called once, on the child's thread, when it has ended.
    /// - Throws: ``ToolError`` if it cannot be started.
    static func start(
        name: String,
        arguments: [String],
        logPath: String,
        onEnd: @escaping @Sendable (DemoProcess) -> Void
    ) async throws -> DemoProcess {
        let flags = O_WRONLY | O_CREAT | O_TRUNC | O_APPEND | O_CLOEXEC
        let log = open(logPath, flags, 0o600)
        guard log >= 0 else {
            throw ToolError(.failure, "cannot write '\(logPath)': \(systemMessage(errno))")
        }
        defer { close(log) }
        let child = Subprocess(
            ["setpriv", "--pdeathsig", "TERM", "--"] + arguments,
            outputDescriptor: log
        )
        let end = try Event()
        return try await withCheckedThrowingContinuation { continuation in
            do {
                try DedicatedThread.start(named: name) {
                    let process: DemoProcess
                    do {
                        process = DemoProcess(
                            name: name,
                            processID: try child.start(),
                            logPath: logPath,
                            end: end
                        )
                    } catch {
                        return continuation.resume(throwing: error)
                    }
                    continuation.resume(returning: process)
                    process.waitForEnd()
                    onEnd(process)
                }
            } catch {
                continuation.resume(throwing: error)
            }
        }
    }

    /// The exit status, or 128 and the signal; `nil` while it runs.
    var status: Int32? { self.exitStatus.withLock { $0 } }

    /// Asks the child to end, then forces it; blocks the thread until it has ended.
    func stop(within patience: Duration = .seconds(10)) {
        self.signal(SIGTERM)
        if !self.end.wait(atMost: patience) {
            self.signal(SIGKILL)
            self.end.wait(atMost: patience)
        }
    }

    /// The last lines of the log, made printable.
    func lastLogLines(_ count: Int) -> [String] {
        guard let file = fopen(self.logPath, "re") else { return [] }
        defer { fclose(file) }
        fseek(file, 0, SEEK_END)
        fseek(file, -min(ftell(file), 16 << 10), SEEK_CUR)
        var bytes = [UInt8](repeating: 0, count: 16 << 10)
        let byteCount = fread(&bytes, 1, bytes.count, file)
        return String(decoding: bytes.prefix(byteCount), as: UTF8.self)
            .split(separator: "\n").suffix(count).map { printable(String($0)) }
    }

    private func signal(_ signal: Int32) {
        // Under the lock, so that the number cannot have become another's.
        self.exitStatus.withLock { status in
            if status == nil { kill(self.processID, signal) }
        }
    }

    private func waitForEnd() {
        // Leaves the number taken until `signal` knows of the end.
        var information = siginfo_t()
        while waitid(P_PID, id_t(self.processID), &information, WEXITED | WNOWAIT) == -1,
            errno == EINTR
        {}
        self.exitStatus.withLock { $0 = Subprocess.waitForEnd(of: self.processID) }
        self.end.happen()
    }
}
