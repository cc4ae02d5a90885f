import ProgressPostgres
import ProgressRPC
import Synchronization

/// What other sessions read.
extension Validator {
    /// Lets a request wait for what other sessions read, and sends them.
    mutating func park(_ waiting: Waiting) {
        var waiting = waiting
        let tables = waiting.lack.loads.values.sorted { $0.revision < $1.revision }
        let now = ContinuousClock.now
        let mustPass = tables.contains { table in
            waiting.loads[table.revision] == Waiting.loadLimit
                || self.oversized[table.revision].map { $0 > now } ?? false
        }
        guard !mustPass else { return self.readDirectly(waiting) }
        guard self.mayPark() else {
            let text = "\(self.context.configuration.requestLimit) requests wait already"
            return waiting.request.fail(StoreError(.queueFull, text))
        }
        var awaited = waiting.lack.loading.first
        let freeCount = max(0, Waiting.loadsAtOnce - waiting.lack.loading.count)
        for table in tables.prefix(freeCount) {
            let id = table.revision
            if self.cache.revisions[id]?.phase != .loading {
                guard self.loadsUnderWay < self.context.configuration.loadLimit else { break }
                self.load(table)
            }
            waiting.loads[id, default: 0] += 1
            awaited = awaited ?? id
        }
        guard let awaited else {
            // More is missing than one round reads, or than other sessions can do now.
            if !tables.isEmpty { waiting.notBefore = .now.advanced(by: Self.blockedInterval) }
            self.postponed.append(waiting)
            return
        }
        self.parked[awaited, default: []].append(waiting)
        self.parkedCount += 1
    }

    /// Whether one more request may wait for other sessions; those that nobody waits for make room.
    private mutating func mayPark() -> Bool {
        let limit = self.context.configuration.requestLimit
        guard self.parkedCount >= limit, self.nextPrune <= .now else {
            return self.parkedCount < limit
        }
        // Seldom, as it looks at all of them.
        self.nextPrune = .now.advanced(by: self.context.configuration.watchInterval)
        for id in self.parked.keys { self.parked[id]?.removeAll { $0.request.isComplete } }
        self.parkedCount = self.parked.values.reduce(0) { $0 + $1.count }
        return self.parkedCount < limit
    }

    /// How long a revision that did not fit into the cache is not tried again, as the attempt drops all
    /// else; and most revisions of which that is remembered.
    private static let oversizedInterval = Duration.seconds(60)
    private static let oversizedLimit = 4_096

    private mutating func load(_ table: JobTable) {
        let context = self.context
        let known = self.cache.loadBegan(table.revision)
        let (session, life) = (self.session, self.identity)
        let ledger = LoadLedger(context)
        self.loadsUnderWay += 1
        self.loads[table.revision] = context.loaders.read(
            "table \(table.dataset)/\(table.name)",
            before: .now.advanced(by: context.configuration.loadTimeout)
        ) { session, limit throws(ReadFailure) in
            ledger.reset()
            return try session.connection.readRevision(
                of: table,
                known: known,
                life: life,
                names: context.loaders.networkNames,
                charge: ledger.charge,
                limit: limit
            )
        } completion: { result in
            if case .failure = result { ledger.reset() }
            context.delivered(
                Inbox.Delivery(
                    session: session,
                    table: table,
                    result: result,
                    rowCount: ledger.rowCount,
                    takenByteCount: ledger.takenByteCount,
                    isTooLarge: ledger.isTooLarge
                )
            )
        }
    }

    /// Takes in what another session has read.
    ///
    /// - Returns: The requests that waited for it.
    mutating func accept(_ delivery: Inbox.Delivery) -> [Waiting] {
        self.loadsUnderWay -= 1
        guard delivery.session == self.session else {
            self.context.budget.giveBack(delivery.takenByteCount)
            return []
        }
        let id = delivery.table.revision
        self.loads[id] = nil
        let waiting = self.parked.removeValue(forKey: id) ?? []
        self.parkedCount -= waiting.count
        switch delivery.result {
        case .success(let files):
            self.cache.loaded(id, files)
            self.context.budget.deliver(
                delivery.takenByteCount,
                heldByteCount: self.cache.byteCount + self.context.recent.byteCount
            )
            self.counts.loadCount += 1
            self.counts.rowCount += UInt64(delivery.rowCount)
            self.makeRoom()
            return waiting
        case .failure(let error):
            self.context.budget.giveBack(delivery.takenByteCount)
            self.cache.loadFailed(id, isTooLarge: delivery.isTooLarge)
            guard !delivery.isTooLarge else {
                if self.oversized.count >= Self.oversizedLimit { self.oversized = [:] }
                self.oversized[id] = .now.advanced(by: Self.oversizedInterval)
                for waiting in waiting { self.readDirectly(waiting) }
                return []
            }
            return waiting.map { waiting in
                var waiting = waiting
                waiting.failures[id] = error
                return waiting
            }
        }
    }

    /// What was asked for in a session that is lost would not be taken in.
    mutating func cancelLoads() {
        for read in self.loads.values { read.cancel() }
        self.loads = [:]
    }

    /// What is delivered while there is no session is of no use.
    mutating func refuse(_ deliveries: [Inbox.Delivery]) {
        self.loadsUnderWay -= deliveries.count
        for delivery in deliveries { self.context.budget.giveBack(delivery.takenByteCount) }
    }

    private func readDirectly(_ waiting: Waiting) {
        if case .holdings = waiting.request.subject {
            let text = "the job's files do not fit into the server's cache; ask without view FULL"
            let error = RPCError(.resourceExhausted, text, reason: "TOO_LARGE_FOR_VIEW")
            return waiting.request.complete(with: .failure(error))
        }
        let terms = DirectReads.Terms(
            serverEpoch: self.serverEpoch,
            isStandby: self.isStandby,
            life: self.identity
        )
        self.context.directReads.read(for: waiting.request, terms, self.context)
    }
}

/// What one load has taken of the budget.
private final class LoadLedger: Sendable {
    private struct State {
        var rowCount = 0
        var takenByteCount = 0
        var usedByteCount = 0
        var isTooLarge = false
    }

    private let context: ValidationContext
    private let state = Mutex(State())

    init(_ context: ValidationContext) { self.context = context }

    var rowCount: Int { self.state.withLock { $0.rowCount } }
    var takenByteCount: Int { self.state.withLock { $0.takenByteCount } }
    var isTooLarge: Bool { self.state.withLock { $0.isTooLarge } }

    /// Counts a row, and its bytes that the load keeps.
    ///
    /// - Throws: ``PostgresError`` of kind `resourceExhausted` if there is no room for them.
    func charge(_ byteCount: Int) throws(PostgresError) {
        let isCovered = self.state.withLock { state in
            state.rowCount += 1
            state.usedByteCount += byteCount
            return state.usedByteCount <= state.takenByteCount
        }
        guard !isCovered else { return }
        // Outside the lock: it may wait.
        guard
            self.context.budget.take(
                CacheBudget.stepByteCount,
                having: self.takenByteCount,
                wantsRoom: self.context.roomWanted
            )
        else {
            self.state.withLock { $0.isTooLarge = true }
            throw PostgresError(.resourceExhausted, "the files do not fit into the cache")
        }
        self.state.withLock { $0.takenByteCount += CacheBudget.stepByteCount }
    }

    /// Gives all back, for a fresh start.
    func reset() {
        let taken = self.state.withLock { state in
            defer { state = State(isTooLarge: state.isTooLarge) }
            return state.takenByteCount
        }
        self.context.budget.giveBack(taken)
    }
}
