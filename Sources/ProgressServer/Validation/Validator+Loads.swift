import FoundationEssentials
import NIOCore
import ProgressChain
import ProgressPostgres
import ProgressRPC
import Synchronization

/// What other sessions read.
extension Validator {
    /// Lets a request wait for what other sessions read, and sends them.
    mutating func park(_ waiting: Waiting) {
        var waiting = waiting
        guard let first = waiting.lack.loading.first ?? waiting.lack.loads.keys.first else {
            // More was missing than one round reads.
            self.postponed.append(waiting)
            return
        }
        waiting.loadCount += 1
        guard waiting.loadCount <= Waiting.loadLimit else { return self.readDirectly(waiting) }
        for table in waiting.lack.loads.values {
            guard self.cache.revisions[table.revision]?.phase != .loading else { continue }
            self.load(table)
        }
        self.parked[first, default: []].append(waiting)
    }

    private mutating func load(_ table: JobTable) {
        let context = self.context
        let known = self.cache.loadBegan(table.revision)
        let (session, life) = (self.session, self.identity)
        let ledger = LoadLedger(context)
        context.loaders.read(
            "table \(table.dataset)/\(table.name)",
            before: .now.advanced(by: context.configuration.statementTimeout)
        ) { connection, limit throws(ReadFailure) in
            ledger.reset()
            return try connection.readRevision(
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
        guard delivery.session == self.session else {
            self.context.budget.giveBack(delivery.takenByteCount)
            return []
        }
        let id = delivery.table.revision
        let waiting = self.parked.removeValue(forKey: id) ?? []
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
            self.cache.drop(id)
            for waiting in waiting {
                if delivery.isTooLarge {
                    self.readDirectly(waiting)
                } else {
                    waiting.request.fail(error)
                }
            }
            return []
        }
    }

    /// What is delivered while there is no session is of no use.
    func refuse(_ deliveries: [Inbox.Delivery]) {
        for delivery in deliveries { self.context.budget.giveBack(delivery.takenByteCount) }
    }

    /// Reads all that a request asks for in one moment of its own, and keeps nothing of it.
    private func readDirectly(_ waiting: Waiting) {
        let context = self.context
        let request = waiting.request
        let (epoch, isStandby, life) = (self.serverEpoch, self.isStandby, self.identity)
        context.directReadCount.wrappingAdd(1, ordering: .relaxed)
        let visibility = Visibility(request.scope.message)
        let read = context.loaders.read(
            "jobs past the cache",
            before: request.deadline
        ) { connection, limit throws(ReadFailure) in
            try connection.readJobs(
                request.jobs,
                choosing: { visibility.tables(of: $0) ?? [] },
                isStandby: isStandby,
                life: life,
                names: context.loaders.networkNames,
                limit: limit
            )
        } completion: { result in
            switch result {
            case .failure(let error): request.fail(error)
            case .success(let reading):
                let (reply, isNews) = context.reply(to: request, from: reading, epoch: epoch)
                if !isNews, let end = request.waitEnd, end > .now {
                    var again = Waiting(request)
                    again.loadCount = Waiting.loadLimit
                    again.notBefore = .now.advanced(by: .seconds(1))
                    return context.arrivedAgain(again)
                }
                request.complete(with: reply)
            }
        }
        request.onCancellation { read.cancel() }
    }
}

extension ValidationContext {
    /// The reply that a reading past the cache gives, and whether the caller had it not.
    fileprivate func reply(
        to request: ProgressRequest,
        from reading: JobReading,
        epoch: UInt64
    ) -> (ProgressReply, isNews: Bool) {
        let moment = ReplyEncoding.moment(reading.snapshot, epoch: epoch)
        let answer = { (job: JobID) in
            self.render(job, request.scope, reading.plans[job], reading.outcomes)
        }
        switch request.subject {
        case .one(let known):
            let answer = answer(known.job)
            switch answer.result {
            case .failure(let error): return (.failure(error), true)
            case .success where answer.version == known.version: return (.notModified, false)
            case .success(let body): return (.body(ReplyEncoding.reply(body, moment)), true)
            }
        case .batch(let known):
            let batch = BatchAnswer(known, known.map { answer($0.job) })
            return (.body(batch.encoded(moment)), batch.isNews)
        }
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
