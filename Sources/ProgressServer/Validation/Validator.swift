import NIOCore
import ProgressChain
import ProgressPostgres
import Synchronization

/// The cache, and the session by which it is kept current; for one thread at a time.
///
/// Each turn takes what waits and asks PostgreSQL once for all of it.
struct Validator {
    let context: ValidationContext
    var cache = ProgressCache()
    var connection: PostgresConnection?
    /// Counts sessions, so that what was asked for in an earlier one is known.
    var session = 0
    var identity: DatabaseIdentity?
    var era = SchemaEra.f
    var isStandby = false
    /// The moment of what is held.
    var snapshot: Snapshot?
    /// Its encoded name, as answers carry it.
    var moment = ByteBuffer()
    /// How many catalogs were looked at.
    var catalogCount = 0
    /// 0 until known.
    var serverEpoch: UInt64 = 0
    /// The statements that read the change log; `nil` without one.
    var log: LogStatements?
    var taken = TakenTransactions()
    var forecast = MoveForecast()
    /// The time from the end of the round before to the start of that under way.
    var pause = Duration.zero
    var roundEnd = ContinuousClock.now
    /// Whether the look before told that something had moved, and not what.
    var isMoveKnown = false
    /// When the last round began that told what moved, and when one was last tried.
    var roundStart = ContinuousClock.now
    var lastAttempt = ContinuousClock.now
    var nextTrackingCheck = ContinuousClock.now
    /// Revisions that other sessions read, or are to read.
    var loadsUnderWay = 0
    /// Requests that wait for other sessions, by one of the revisions that these read.
    var parked: [RevisionID: [Waiting]] = [:]
    var parkedCount = 0
    var nextPrune = ContinuousClock.now
    /// The reads for them, to be cancelled with the session.
    var loads: [RevisionID: StoreRequest] = [:]
    /// The revisions that did not fit into the cache, and until when they are not tried again.
    var oversized: [RevisionID: ContinuousClock.Instant] = [:]
    /// Requests that wait for an answer to change.
    var watchers = Watchers()
    /// Requests to be looked at again at a time of their own.
    var postponed: [Waiting] = []
    /// Requests that a lost session left, to be taken up by the next.
    var carried: [Waiting] = []
    /// Requests that the round under way has in hand.
    var active: [Waiting] = []
    /// The stamp when the watchers were last looked at, the jobs whose answers were withdrawn since,
    /// and when to look again.
    var watchedStamp: UInt64 = 0
    var watchedJobs: Set<JobID> = []
    var nextWatch = ContinuousClock.now
    var counts = ValidationStatistics()
    /// Whether the archive was looked at.
    var isRestored = false
    /// The reads that the last archive has, and when the next may be written.
    var archivedCount: UInt64 = 0
    var nextArchive = ContinuousClock.now
    let isArchiving = SharedFlag()
    /// What callers are to be told, once it is published.
    var replies: [(request: ProgressRequest, reply: ProgressReply)] = []
    /// The reply that was made last in this round: many ask the same.
    var lastReply: (key: AnswerKey, body: ByteBuffer)?

    /// Whether nobody may wait for a change any more.
    var isDraining = false
    /// A look that an event loop sent and did not see answered.
    var lookUnderWay: Look?
    var roundTrip = RoundTrip()
    /// From when on a look may read files, which it could not.
    var nextFileLook = ContinuousClock.now
    /// From when on one reading may serve several requests, after one that failed.
    var nextSharedReading = ContinuousClock.now
    var nextLookAround = ContinuousClock.now
    /// When a test's mistake last looked.
    var seededLook = ContinuousClock.now

    init(_ context: ValidationContext) { self.context = context }

    enum Turn {
        case again
        /// There is nothing to do until this moment, or until somebody wakes the thread.
        case rest(until: ContinuousClock.Instant)
        case stop
    }

    /// Does what there is to do.
    mutating func turn() -> Turn {
        let taken = self.context.inbox.withLock { $0.take() }
        if taken.isStopping {
            self.stop(taken)
            return .stop
        }
        if taken.isDraining { self.drainWatchers(taken.requests) }
        if taken.havePlansMoved { self.cache.apply([.plans]) }
        self.makeRoom()
        guard self.isConnected() else {
            self.refuse(taken.deliveries)
            return self.connectIfDue(taken)
        }
        let now = ContinuousClock.now
        var due = self.takeDue(taken.requests, at: now)
        for delivery in taken.deliveries { due += self.accept(delivery) }
        due += self.watchers.takeExpired(
            at: now,
            interval: self.context.configuration.watchInterval
        )
        if due.isEmpty, taken.isEmpty, now < self.nextRound { return .rest(until: self.nextRound) }
        if !due.isEmpty || now >= self.nextRound { self.round(due) }
        return .again
    }

    /// Ends all that waits for a change, as nobody may any more.
    private mutating func drainWatchers(_ arrived: [Waiting]) {
        let error = StoreError(.stopping, "the server stops")
        for waiting in arrived + self.postponed where waiting.isUnchanged {
            waiting.request.fail(error)
        }
        guard !self.isDraining else { return }
        self.isDraining = true
        for waiting in self.watchers.takeAll() { waiting.request.fail(error) }
    }

    /// Those of the new and the postponed requests whose time has come.
    private mutating func takeDue(
        _ requests: [Waiting],
        at now: ContinuousClock.Instant
    ) -> [Waiting] {
        guard !self.postponed.isEmpty || requests.contains(where: { $0.notBefore != nil }) else {
            return requests
        }
        let all = self.postponed + requests
        self.postponed = all.filter { !$0.isDue(at: now) && !$0.request.isComplete }
        return all.filter { $0.isDue(at: now) }
    }

    /// When there is a reason for a round, even if nobody asks.
    private var nextRound: ContinuousClock.Instant {
        let configuration = self.context.configuration
        var next = max(self.roundStart, self.lastAttempt).advanced(
            by: self.watchers.isEmpty ? configuration.idleInterval : configuration.watchInterval
        )
        if let expiry = self.watchers.nextExpiry { next = min(next, expiry) }
        next = min(next, self.nextLookAround)
        for time in self.postponed.lazy.compactMap(\.notBefore) { next = min(next, time) }
        return next
    }

    private mutating func connectIfDue(_ taken: Inbox.Taken) -> Turn {
        self.carried += taken.requests
        switch self.context.inbox.withLock({ $0.link }) {
        case .failed(_, let nextAttempt, _) where nextAttempt > .now:
            return taken.isEmpty ? .rest(until: nextAttempt) : .again
        case .connecting, .failed, .open:
            self.connect()
            return .again
        }
    }

    private mutating func stop(_ taken: Inbox.Taken) {
        self.refuse(taken.deliveries)
        let error = StoreError(.stopping, "the server stops")
        for waiting in taken.requests { waiting.request.fail(error) }
        self.failAll(error)
        self.archiveAtEnd()
    }

    /// Ends all that waits here.
    mutating func failAll(_ error: StoreError) {
        for waiting in self.takeAllWaiting() { waiting.request.fail(error) }
    }

    mutating func takeAllWaiting() -> [Waiting] {
        let all =
            self.carried + self.parked.values.flatMap { $0 } + self.postponed
            + self.watchers.takeAll()
        self.carried = []
        self.parked = [:]
        self.parkedCount = 0
        self.postponed = []
        return all
    }

    /// Drops what there is no room for, and says what is held.
    mutating func makeRoom() {
        let budget = self.context.budget
        let room = budget.roomByteCount - self.context.recent.byteCount
        self.cache.evict(to: max(0, room))
        budget.hold(
            self.cache.byteCount + self.context.recent.byteCount,
            isExhausted: self.cache.byteCount > room
        )
    }

    mutating func publishStatistics() {
        self.counts.currency = self.cache.currency
        self.counts.isStandby = self.isStandby
        self.counts.byteCount = self.cache.byteCount
        self.counts.fileCount = self.cache.fileCount
        self.counts.revisionCount = self.cache.revisions.count
        self.counts.jobCount = self.cache.jobs.count
        self.counts.watcherCount = self.watchers.count
        self.counts.evictionCount = self.cache.evictionCount
        self.counts.staleAnswerCount = self.context.recentCount.load(ordering: .relaxed)
        self.counts.directReadCount = self.context.directReadCount.load(ordering: .relaxed)
        let counts = self.counts
        self.context.statistics.withLock { $0 = counts }
    }
}
