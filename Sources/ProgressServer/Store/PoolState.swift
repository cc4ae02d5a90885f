/// Who works, who waits, and whether there is a database: the decisions of ``PostgresStore``.
///
///     worker:  unconnected ──sessionOpened──▶ idle ──request──▶ busy ──next──▶ idle
///                  ▲                           │                 │
///                  └────────sessionLost────────┴─────────────────┘
///
/// While no worker has a session and the last attempt failed, requests are refused at once, but for
/// one that probes. While an attempt is under way after a loss, or at the start, they wait for it.
struct PoolState {
    typealias WorkerID = Int

    /// Most requests that wait for a worker.
    let queueLimit: Int
    private(set) var waiting: [StoreRequest] = []
    /// What each worker does, or is to do next.
    private(set) var running: [WorkerID: StoreRequest] = [:]
    private var idle: [WorkerID] = []
    private(set) var sessions: [WorkerID: SchemaEra] = [:]
    /// The one worker that may connect now.
    private var connector: WorkerID?
    private var backoff = ConnectBackoff()
    private var earliestAttempt: ContinuousClock.Instant?
    private var earliestProbe: ContinuousClock.Instant?
    /// Why there is no session; `nil` while there is one, or while it is being found out.
    private(set) var failure: ConnectFailure?
    private(set) var isStopping = false

    init(queueLimit: Int) {
        precondition(
            queueLimit >= 1,
            "at least one request must be able to wait, not \(queueLimit)"
        )
        self.queueLimit = queueLimit
    }

    enum ArrivalAction: Equatable {
        case wake(WorkerID)
        case wait
        /// Wait, and have the workers without a session try at once.
        case probe
        case refuse(StoreError)
    }

    mutating func requestArrived(
        _ request: StoreRequest,
        at now: ContinuousClock.Instant
    ) -> ArrivalAction {
        guard !self.isStopping else { return .refuse(StoreError(.stopping, "the server stops")) }
        if let worker = self.idle.popLast() {
            self.running[worker] = request
            return .wake(worker)
        }
        var action = ArrivalAction.wait
        if let failure = self.failure, self.sessions.isEmpty {
            let mayProbe =
                self.connector == nil && self.waiting.isEmpty
                && self.earliestProbe.map { $0 <= now } ?? true
            guard mayProbe else { return .refuse(failure.storeError) }
            self.earliestAttempt = nil
            action = .probe
        }
        guard self.waiting.count < self.queueLimit else {
            return .refuse(
                StoreError(.queueFull, "\(self.queueLimit) requests wait for the database already")
            )
        }
        self.waiting.append(request)
        return action
    }

    enum CancellationAction: Equatable {
        /// The request had not begun: complete it.
        case complete
        /// The worker must look at its request.
        case wake(WorkerID)
        case ignore
    }

    mutating func requestCancelled(_ request: StoreRequest) -> CancellationAction {
        if let index = self.waiting.firstIndex(where: { $0 === request }) {
            self.waiting.remove(at: index)
            return .complete
        }
        let worker = self.running.first { $0.value === request }?.key
        return worker.map { .wake($0) } ?? .ignore
    }

    enum WorkerAction {
        case perform(StoreRequest)
        case connect
        /// Wait for a wake-up, for the end of the session, or for this moment.
        case rest(until: ContinuousClock.Instant?)
        case stop
    }

    /// What a worker does next, having finished what it did before.
    mutating func nextAction(
        for worker: WorkerID,
        at now: ContinuousClock.Instant
    ) -> WorkerAction {
        if let request = self.running[worker] { return .perform(request) }
        if self.isStopping { return .stop }
        self.idle.removeAll { $0 == worker }
        guard self.sessions[worker] == nil else {
            guard let request = self.waiting.first else {
                self.idle.append(worker)
                return .rest(until: nil)
            }
            self.waiting.removeFirst()
            self.running[worker] = request
            return .perform(request)
        }
        guard self.connector == nil else { return .rest(until: nil) }
        if let earliest = self.earliestAttempt, earliest > now { return .rest(until: earliest) }
        self.connector = worker
        return .connect
    }

    mutating func requestPerformed(by worker: WorkerID) {
        self.running[worker] = nil
    }

    mutating func sessionOpened(by worker: WorkerID, era: SchemaEra) {
        self.sessions[worker] = era
        if self.connector == worker { self.connector = nil }
        self.failure = nil
        self.earliestAttempt = nil
        self.backoff.attemptSucceeded()
    }

    /// - Returns: The requests that waited in vain.
    mutating func attemptFailed(
        by worker: WorkerID,
        _ failure: ConnectFailure,
        at now: ContinuousClock.Instant,
        jitter: Double
    ) -> [StoreRequest] {
        self.connector = nil
        self.earliestAttempt = now.advanced(by: self.backoff.attemptFailed(jitter: jitter))
        self.earliestProbe = now.advanced(by: failure.pauseBeforeProbe)
        guard self.sessions.isEmpty else { return [] }
        self.failure = failure
        defer { self.waiting = [] }
        return self.waiting
    }

    mutating func sessionLost(by worker: WorkerID) {
        self.sessions[worker] = nil
        self.idle.removeAll { $0 == worker }
    }

    /// - Returns: The requests that will not be performed any more.
    mutating func stopRequested() -> [StoreRequest] {
        self.isStopping = true
        defer { self.waiting = [] }
        return self.waiting
    }

    var health: StoreHealth {
        if let era = self.sessions.values.first {
            return StoreHealth(database: .connected, era: era)
        }
        let isUnsupported = self.failure?.isUnsupported ?? false
        return StoreHealth(database: isUnsupported ? .unsupported : .unreachable, era: nil)
    }
}
