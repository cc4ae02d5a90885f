import Glibc
import ProgressPostgres
import Synchronization

/// PostgreSQL's first process, and the thread that started it and waits for its end.
///
/// The thread lives as long as the process: were it to end before, Linux would take its end for
/// ours and deliver the death signal.
final class ServerProcess: Sendable {
    private enum State {
        case starting
        case running(pid_t)
        case failed(PrivatePostgresError)
        case ended
    }

    let processID: pid_t
    private let life: Life

    /// Starts the process; its output is appended to the file at `logPath`.
    init(
        _ arguments: [String],
        directory: String,
        logPath: String
    ) throws(PrivatePostgresError) {
        let log = open(logPath, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o600)
        guard log >= 0 else {
            throw PrivatePostgresError(
                "cannot open '\(logPath)': \(String(cString: strerror(errno)))"
            )
        }
        defer { close(log) }
        let life = try Life()
        let child = Subprocess(arguments, directory: directory, outputDescriptor: log)
        do throws(PostgresError) {
            try DedicatedThread.start(named: "private-pg") { life.run(child) }
        } catch {
            throw PrivatePostgresError(error.description)
        }
        self.processID = try life.processID()
        self.life = life
    }

    var isRunning: Bool { self.life.isRunning }

    /// Waits for the end of the process, but not longer than `duration`.
    func waitForEnd(atMost duration: Duration) { self.life.ended.wait(atMost: duration) }

    /// SIGINT is PostgreSQL's fast shutdown, SIGQUIT its immediate one; SIGKILL leaves litter.
    func stop() {
        for signal in [SIGINT, SIGQUIT, SIGKILL] where self.isRunning {
            self.life.signal(signal)
            self.waitForEnd(atMost: .seconds(5))
        }
    }

    /// What the waiting thread and the others share.
    private final class Life: Sendable {
        let started: Latch
        let ended: Latch
        private let state = Mutex(State.starting)

        init() throws(PrivatePostgresError) {
            self.started = try Latch()
            self.ended = try Latch()
        }

        var isRunning: Bool {
            self.state.withLock { state in
                if case .running = state { true } else { false }
            }
        }

        /// Waits until the process runs, or could not be started.
        func processID() throws(PrivatePostgresError) -> pid_t {
            self.started.wait(atMost: .seconds(30))
            switch self.state.withLock({ $0 }) {
            case .running(let child): return child
            case .failed(let error): throw error
            case .starting, .ended:
                throw PrivatePostgresError("PostgreSQL's process ended as soon as it began")
            }
        }

        /// Sends a signal, unless the process is gone and its number perhaps another's.
        func signal(_ signal: CInt) {
            self.state.withLock { state in
                if case .running(let child) = state { kill(child, signal) }
            }
        }

        /// Starts the process and returns when it has ended.
        func run(_ subprocess: Subprocess) {
            defer { self.ended.open() }
            let child: pid_t
            do throws(PrivatePostgresError) {
                child = try subprocess.start()
            } catch {
                self.state.withLock { $0 = .failed(error) }
                self.started.open()
                return
            }
            self.state.withLock { $0 = .running(child) }
            self.started.open()
            // Leaves the process's number taken, so that `signal` cannot hit a stranger.
            var information = siginfo_t()
            while waitid(P_PID, id_t(child), &information, WEXITED | WNOWAIT) == -1, errno == EINTR
            {}
            self.state.withLock { state in
                _ = Subprocess.waitForEnd(of: child)
                state = .ended
            }
        }
    }
}
