import ProgressPostgres
import Synchronization

/// What the validator shares with the threads around it.
final class ValidationContext: Sendable {
    let configuration: ProgressEngine.Configuration
    let render: ProgressEngine.Render
    /// The server's epoch, for the moments of answers; asked when the first answer is made.
    let serverEpoch: @Sendable () -> UInt64
    let observe: @Sendable (Observation) -> Void
    let loaders: PostgresStore
    let directReads: DirectReads
    let budget: CacheBudget
    let recent: RecentAnswers
    /// `nil` if there is none, or it cannot be had.
    let archive: ArchiveStore?
    /// Wakes the validator's thread.
    let wakeUp: WakeUp
    let inbox: Mutex<Inbox>
    let statistics = Mutex(ValidationStatistics())
    /// Answers given without a round.
    let recentCount = Atomic<UInt64>(0)
    /// Answers read past the cache.
    let directReadCount = Atomic<UInt64>(0)

    /// - Throws: ``PostgresError`` of kind `resourceExhausted` if no descriptors are free.
    init(
        _ configuration: ProgressEngine.Configuration,
        render: @escaping ProgressEngine.Render,
        serverEpoch: @escaping @Sendable () -> UInt64,
        observe: @escaping @Sendable (Observation) -> Void
    ) throws(PostgresError) {
        self.configuration = configuration
        self.render = render
        self.serverEpoch = serverEpoch
        self.observe = observe
        var loaders = PostgresStore.Configuration(conninfo: configuration.conninfo)
        loaders.connectionCount = configuration.loaderCount
        loaders.queueLimit = configuration.loadLimit + configuration.directReadLimit
        loaders.connectTimeout = configuration.connectTimeout
        loaders.statementTimeout = configuration.statementTimeout
        loaders.allowsStandby = configuration.allowsStandby
        // One line for each connection of the server, not one for each session.
        self.loaders = try PostgresStore(loaders) { observation in
            if case .databaseConnected = observation { return }
            observe(observation)
        }
        self.directReads = DirectReads(
            readLimit: configuration.directReadLimit,
            callerLimit: configuration.requestLimit
        )
        self.archive = Self.openArchive(configuration, observe: observe)
        self.wakeUp = try WakeUp()
        self.inbox = Mutex(Inbox(requestLimit: configuration.requestLimit))
        self.recent = RecentAnswers(agedByteLimit: configuration.cacheByteLimit / 32)
        self.budget = CacheBudget(byteLimit: configuration.cacheByteLimit)
    }

    /// A request comes again.
    func arrivedAgain(_ waiting: Waiting) {
        switch self.inbox.withLock({ $0.requestArrived(waiting, at: .now) }) {
        case .wait: self.wake()
        case .refuse(let error): waiting.request.fail(error)
        }
    }

    /// Another session has done what it was sent for.
    func delivered(_ delivery: Inbox.Delivery) {
        self.inbox.withLock { $0.delivered(delivery) }
        self.wake()
    }

    /// The cache must make room for what is being read.
    func roomWanted() {
        self.inbox.withLock { $0.roomWanted() }
        self.wake()
    }

    /// What a job's tables are may be told otherwise from now on, whatever the database says.
    func plansMoved() {
        self.inbox.withLock { $0.plansMoved() }
        self.wake()
    }

    /// What the tables of jobs are, by the manifests that are known.
    ///
    /// - Parameter isTold: Whether the log is told of manifests that are not known; else who asks for a
    ///   job's progress has it told.
    func applyManifests(to plans: inout [JobID: JobPlan], isTold: Bool = true) {
        guard let manifests = self.configuration.manifests else { return }
        let unknown = manifests.apply(to: &plans)
        guard isTold else { return }
        for hash in unknown { self.observe(.manifestMissing(hash)) }
    }

    /// Nobody may wait for a change any more.
    func drain() {
        self.inbox.withLock { $0.drainRequested() }
        self.wake()
    }

    private func wake() {
        if self.inbox.withLock({ $0.wakeIfAsleep() }) { self.wakeUp.signal() }
    }

    /// Without an archive the server works all the same.
    private static func openArchive(
        _ configuration: ProgressEngine.Configuration,
        observe: (Observation) -> Void
    ) -> ArchiveStore? {
        guard let directory = configuration.stateDirectory else { return nil }
        do throws(ArchiveError) {
            return try ArchiveStore(
                directory: directory,
                byteLimit: configuration.archiveByteLimit
            )
        } catch {
            observe(.archiveUnusable(error.description))
            return nil
        }
    }
}
