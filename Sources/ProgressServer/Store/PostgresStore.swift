import ProgressChain
import ProgressPostgres
import ServiceLifecycle
import Synchronization

/// Reads from PostgreSQL, with a fixed number of sessions that each own a thread.
///
/// The threads block in `poll(2)` only; callers never block.
final class PostgresStore: Service {
    struct Configuration: Sendable {
        /// A libpq connection string or URI; secret.
        var conninfo: String
        /// How many sessions are kept open.
        var connectionCount = 2
        /// Whether a standby may be read.
        var allowsStandby = false
        /// Most requests that wait for a session; one more is refused.
        var queueLimit = 1_024
        /// How long an attempt to connect may take.
        var connectTimeout = Duration.seconds(5)
        /// How long PostgreSQL lets a statement run, whatever the caller's deadline.
        var statementTimeout = Duration.seconds(30)
    }

    let configuration: Configuration
    let networkNames = NetworkNames()
    let canceller = StatementCanceller()
    let observe: @Sendable (Observation) -> Void
    private let state: Mutex<PoolState>
    private let wakeUps: [WakeUp]

    /// - Throws: ``PostgresError`` of kind `resourceExhausted` if no descriptors are free.
    init(
        _ configuration: Configuration,
        observe: @escaping @Sendable (Observation) -> Void
    ) throws(PostgresError) {
        self.configuration = configuration
        self.observe = observe
        self.state = Mutex(PoolState(queueLimit: configuration.queueLimit))
        var wakeUps: [WakeUp] = []
        for _ in 0..<configuration.connectionCount { wakeUps.append(try WakeUp()) }
        self.wakeUps = wakeUps
    }

    var health: StoreHealth { self.state.withLock { $0.health } }

    /// Keeps the sessions open until a graceful shutdown, or the cancellation of the task.
    ///
    /// Reads under way are finished at a graceful shutdown and given up at a cancellation.
    func run() async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            for (id, wakeUp) in self.wakeUps.enumerated() {
                group.addTask {
                    try await DedicatedThread.run(named: "pg-store-\(id)") {
                        StoreWorker(id: id, store: self, wakeUp: wakeUp).run()
                    }
                }
            }
            try await withTaskCancellationHandler {
                try await withGracefulShutdownHandler {
                    do {
                        try await group.waitForAll()
                    } catch {
                        self.stop(givesUp: true)
                        throw error
                    }
                } onGracefulShutdown: {
                    self.stop(givesUp: false)
                }
            } onCancel: {
                self.stop(givesUp: true)
            }
        }
    }

    /// Reads with the next free session.
    ///
    /// Does not block.
    ///
    /// - Parameters:
    ///   - subject: What is read, for the log.
    ///   - deadline: When the value is of no use any more.
    ///   - body: Runs on a session's thread; again, maybe on another session, if that may help, as
    ///     ``AttemptHistory`` says, and when the tables are not locked any more.
    ///   - completion: Called once, on any thread.
    @discardableResult
    func read<Value: Sendable>(
        _ subject: String,
        before deadline: ContinuousClock.Instant,
        _ body: @escaping @Sendable (StoreSession, WaitLimit) throws(ReadFailure) -> Value,
        completion: @escaping @Sendable (Result<Value, StoreError>) -> Void
    ) -> StoreRequest {
        let request = StoreRequest(
            of: subject,
            before: deadline,
            reading: { session, limit throws(ReadFailure) in
                let value = try body(session, limit)
                return { completion(.success(value)) }
            },
            onFailure: { completion(.failure($0)) }
        )
        request.onCancellation { [weak self, weak request] in
            if let self, let request { self.requestCancelled(request) }
        }
        switch self.state.withLock({ $0.requestArrived(request, at: .now) }) {
        case .wake(let worker): self.wakeUps[worker].signal()
        case .wait: break
        case .probe: self.wakeAll()
        case .refuse(let error): request.complete(with: .failure(error))
        }
        return request
    }

    private func requestCancelled(_ request: StoreRequest) {
        switch self.state.withLock({ $0.requestCancelled(request) }) {
        case .complete:
            request.complete(with: .failure(StoreError(.cancelled, "the caller went away")))
        case .wake(let worker): self.wakeUps[worker].signal()
        case .ignore: break
        }
    }

    private func stop(givesUp: Bool) {
        let (waiting, running) = self.state.withLock { state in
            (state.stopRequested(), givesUp ? Array(state.running.values) : [])
        }
        for request in waiting {
            request.complete(with: .failure(StoreError(.stopping, "the server stops")))
        }
        for request in running { request.cancel() }
        self.wakeAll()
    }

    private func wakeAll() {
        for wakeUp in self.wakeUps { wakeUp.signal() }
    }
}

/// What the workers report.
extension PostgresStore {
    var isStopping: Bool { self.state.withLock { $0.isStopping } }

    func nextAction(for worker: PoolState.WorkerID) -> PoolState.WorkerAction {
        self.state.withLock { $0.nextAction(for: worker, at: .now) }
    }

    func requestPerformed(by worker: PoolState.WorkerID) {
        self.state.withLock { $0.requestPerformed(by: worker) }
    }

    func sessionOpened(by worker: PoolState.WorkerID, era: SchemaEra) {
        let isFirst = self.state.withLock { state in
            defer { state.sessionOpened(by: worker, era: era) }
            return state.sessions.isEmpty
        }
        if isFirst { self.observe(.databaseConnected(era)) }
        // Those without a session may connect now, and those with one may find work waiting.
        self.wakeAll()
    }

    func sessionLost(by worker: PoolState.WorkerID) {
        self.state.withLock { $0.sessionLost(by: worker) }
    }

    func attemptFailed(by worker: PoolState.WorkerID, _ failure: ConnectFailure) {
        let waiting = self.state.withLock { state in
            state.attemptFailed(by: worker, failure, at: .now, jitter: .random(in: 0...1))
        }
        self.observe(.connectFailed(failure))
        for request in waiting { request.complete(with: .failure(failure.storeError)) }
    }
}
