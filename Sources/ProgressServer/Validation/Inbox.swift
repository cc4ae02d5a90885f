/// What waits for the validator, and whether there is a database: the decisions of asking.
///
///     connecting ──opened──▶ open ──lost──▶ connecting
///         │  ▲                                  │
///         ▼  └──── next attempt, or a probe ◀───┘
///       failed
///
/// While the last attempt failed, requests are refused at once, but for one now and then that causes
/// another attempt. While an attempt is under way they wait for it.
struct Inbox {
    /// Most requests that wait for the next round.
    let requestLimit: Int
    private(set) var requests: [Waiting] = []
    private(set) var deliveries: [Delivery] = []
    private(set) var link = Link.connecting
    /// Whether the validator must be woken.
    private var isAsleep = false
    /// Whether an event loop makes a round, and will look here again.
    private var isLent = false
    /// Whether a round is short enough for an event loop.
    var isLendable = false
    private(set) var isStopping = false
    /// Whether nobody may wait for a change any more.
    private(set) var isDraining = false
    private var wantsRoom = false
    /// Whether all plans must be looked at again.
    private var havePlansMoved = false
    /// Whether requests that nobody waits for were dropped since the last were taken.
    private var isPruned = false
    private var backoff = ConnectBackoff()

    /// What another session brings.
    struct Delivery: Sendable {
        /// The life of the validator's session in which it was asked for.
        var session: Int
        var table: JobTable
        var result: Result<RevisionFiles, StoreError>
        /// Rows that were read for it.
        var rowCount = 0
        /// Bytes taken from the budget, to give back.
        var takenByteCount: Int
        /// Whether it does not fit into the cache.
        var isTooLarge = false
    }

    enum Link: Equatable, Sendable {
        case connecting
        case open(SchemaEra)
        case failed(
            ConnectFailure,
            nextAttempt: ContinuousClock.Instant,
            nextProbe: ContinuousClock.Instant
        )
    }

    init(requestLimit: Int) {
        precondition(requestLimit >= 1, "one request must be able to wait, not \(requestLimit)")
        self.requestLimit = requestLimit
    }

    enum ArrivalAction: Equatable {
        case wait
        case refuse(StoreError)
    }

    mutating func requestArrived(
        _ request: Waiting,
        at now: ContinuousClock.Instant
    ) -> ArrivalAction {
        guard !self.isStopping else { return .refuse(StoreError(.stopping, "the server stops")) }
        if case .failed(let failure, _, let nextProbe) = self.link {
            guard nextProbe <= now else { return .refuse(failure.storeError) }
            self.link = .connecting
        }
        if self.requests.count >= self.requestLimit, !self.isPruned {
            // Once between two rounds, as it looks at all of them.
            self.isPruned = true
            self.requests.removeAll { $0.request.isComplete }
        }
        guard self.requests.count < self.requestLimit else {
            return .refuse(StoreError(.queueFull, "\(self.requestLimit) requests wait already"))
        }
        self.requests.append(request)
        return .wait
    }

    enum ReadingAction: Equatable {
        /// Somebody sees to what waits, or nothing does.
        case nothing
        /// Make a round; ``lendingEnded(mayGoOn:)`` must follow.
        case lend
        /// Wake the validator's thread.
        case wake
    }

    /// An event loop has handed over all requests that it had.
    mutating func readingEnded() -> ReadingAction {
        guard !self.requests.isEmpty, self.isAsleep, !self.isLent else { return .nothing }
        guard self.isLendable, case .open = self.link else {
            self.isAsleep = false
            return .wake
        }
        self.isLent = true
        return .lend
    }

    /// An event loop has made a round.
    ///
    /// - Parameter mayGoOn: Whether it may make another one.
    mutating func lendingEnded(mayGoOn: Bool) -> ReadingAction {
        if mayGoOn {
            if !self.requests.isEmpty { return .lend }
            self.isLent = false
            return .nothing
        }
        self.isLent = false
        return self.wakeIfAsleep() ? .wake : .nothing
    }

    mutating func delivered(_ delivery: Delivery) { self.deliveries.append(delivery) }

    mutating func roomWanted() { self.wantsRoom = true }

    mutating func plansMoved() { self.havePlansMoved = true }

    /// What the validator finds.
    struct Taken {
        var requests: [Waiting]
        var deliveries: [Delivery]
        var isStopping: Bool
        var isDraining: Bool
        /// Whether the cache must make room.
        var wantsRoom: Bool
        /// Whether all plans must be looked at again.
        var havePlansMoved: Bool
        var isEmpty: Bool {
            !self.wantsRoom && !self.havePlansMoved && !self.isStopping
                && self.requests.isEmpty && self.deliveries.isEmpty
        }
    }

    /// Takes everything; with nothing there the validator sleeps from now on, until it is woken.
    mutating func take() -> Taken {
        let taken = Taken(
            requests: self.requests,
            deliveries: self.deliveries,
            isStopping: self.isStopping,
            isDraining: self.isDraining,
            wantsRoom: self.wantsRoom,
            havePlansMoved: self.havePlansMoved
        )
        self.requests = []
        self.deliveries = []
        self.isPruned = false
        // Who rests on anything but an empty hand could not be woken.
        self.isAsleep = taken.isEmpty
        self.wantsRoom = false
        self.havePlansMoved = false
        return taken
    }

    /// Takes the requests alone.
    ///
    /// - Parameter requests: Empty; its room is for those that come next.
    mutating func takeRequests(into requests: inout [Waiting]) {
        swap(&requests, &self.requests)
        self.isPruned = false
    }

    mutating func awoke() { self.isAsleep = false }

    mutating func drainRequested() { self.isDraining = true }

    mutating func stopRequested() {
        self.isStopping = true
        self.isAsleep = false
    }

    mutating func opened(_ era: SchemaEra) {
        self.link = .open(era)
        self.backoff.attemptSucceeded()
    }

    mutating func lost() { self.link = .connecting }

    /// - Returns: The requests that waited in vain.
    mutating func attemptFailed(
        _ failure: ConnectFailure,
        at now: ContinuousClock.Instant,
        jitter: Double
    ) -> [Waiting] {
        self.link = .failed(
            failure,
            nextAttempt: now.advanced(by: self.backoff.attemptFailed(jitter: jitter)),
            nextProbe: now.advanced(by: failure.pauseBeforeProbe)
        )
        defer { self.requests = [] }
        return self.requests
    }

    var health: StoreHealth {
        switch self.link {
        case .open(let era): StoreHealth(database: .connected, era: era)
        case .failed(let failure, _, _) where failure.isUnsupported:
            StoreHealth(database: .unsupported, era: nil)
        case .connecting, .failed: StoreHealth(database: .unreachable, era: nil)
        }
    }

    /// - Returns: Whether the validator's thread must be woken.
    mutating func wakeIfAsleep() -> Bool {
        defer { self.isAsleep = false }
        return self.isAsleep
    }
}
