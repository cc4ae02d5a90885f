import NIOCore
import ProgressChain
import ProgressPostgres
import ProgressRPC
import ServiceLifecycle
import Synchronization

/// Answers how far jobs are, from memory, and current all the same: nothing is said that one round
/// trip to PostgreSQL has not confirmed after it was asked.
///
/// PostgreSQL is asked in rounds; all requests that wait when a round begins share it. Rounds are the
/// work of a thread of their own; one that takes a single short round trip is lent to the event loop
/// that has the requests, which saves two changes of threads. Else callers never block.
final class ProgressEngine: Service {
    struct Configuration: Sendable {
        /// A libpq connection string or URI; secret.
        var conninfo: String
        /// Sessions that read what is not held, beside the one that validates.
        var loaderCount = 2
        /// Most tables that are read or wait to be read into the cache; the next wait their turn.
        var loadLimit = 512
        /// Most reads past the cache that wait; one more is refused.
        var directReadLimit = 512
        /// How long the reading of a table may take, with the wait for a session.
        var loadTimeout = Duration.seconds(120)
        /// Most requests that wait for the next round; one more is refused.
        var requestLimit = 65_536
        /// Most requests that wait for an answer to change; one more is refused.
        var watcherLimit = 16_384
        /// Bytes that may be held.
        var cacheByteLimit = 512 << 20
        /// Whether a standby may be read.
        var allowsStandby = false
        /// How long an attempt to connect may take.
        var connectTimeout = Duration.seconds(5)
        /// How long PostgreSQL lets a statement run.
        var statementTimeout = Duration.seconds(30)
        /// How long a round may take to learn what changed.
        var roundTimeout = Duration.seconds(2)
        /// How often the database is asked while nobody else asks.
        var idleInterval = Duration.seconds(1)
        /// How often the database is asked while somebody waits for a change.
        var watchInterval = Duration.milliseconds(25)
        /// How often it is looked whether change tracking was installed.
        var trackingCheckInterval = Duration.seconds(10)
        /// Beyond this without a round the change log may have been pruned.
        var logHorizon = Duration.seconds(300)
        /// Where what is held outlives the server; `nil`: nowhere.
        var stateDirectory: String?
        /// Most bytes of the archive there.
        var archiveByteLimit = 4 << 30
        /// How often the archive is written, if something changed.
        var archiveInterval = Duration.seconds(60)
        /// What is known of datasets' manifests; `nil`: Amp's rules that need them are not applied.
        var manifests: ManifestCatalog?
        /// Mistakes that tests make on purpose, to see them found.
        var faults: ValidationFaults = []

        init(conninfo: String) { self.conninfo = conninfo }
    }

    /// Makes the answer for a job from its plan and what its tables' files come to.
    typealias Render =
        @Sendable (JobID, AnswerScope, JobPlan?, [RevisionID: TableOutcome]) -> HeldAnswer

    let context: ValidationContext
    private let validator: Mutex<Validator>

    /// - Throws: ``PostgresError`` of kind `resourceExhausted` if no descriptors are free.
    init(
        _ configuration: Configuration,
        render: @escaping Render,
        serverEpoch: @escaping @Sendable () -> UInt64,
        observe: @escaping @Sendable (Observation) -> Void
    ) throws(PostgresError) {
        let context = try ValidationContext(
            configuration,
            render: render,
            serverEpoch: serverEpoch,
            observe: observe
        )
        self.context = context
        self.validator = Mutex(Validator(context))
    }

    var health: StoreHealth { self.context.inbox.withLock { $0.health } }

    /// Asks a question; its completion is called once, on any thread.
    ///
    /// It is looked at when ``answerWaiting()`` is called, or when others are.
    func ask(_ request: ProgressRequest) {
        switch self.context.inbox.withLock({ $0.requestArrived(Waiting(request), at: .now) }) {
        case .wait: break
        case .refuse(let error): request.fail(error)
        }
    }

    /// Sees to it that the questions asked are answered: here and now if that is short.
    func answerWaiting() {
        switch self.context.inbox.withLock({ $0.readingEnded() }) {
        case .nothing: return
        case .wake: return self.context.wakeUp.signal()
        case .lend: break
        }
        for round in 1...Self.lentRoundLimit {
            let isDone = self.validator.withLockIfAvailable { $0.lentRound() } ?? false
            let mayGoOn = isDone && round < Self.lentRoundLimit
            switch self.context.inbox.withLock({ $0.lendingEnded(mayGoOn: mayGoOn) }) {
            case .lend: continue
            case .wake: return self.context.wakeUp.signal()
            case .nothing: return
            }
        }
    }

    /// Most rounds that an event loop makes for requests that came during the one before.
    private static let lentRoundLimit = 4

    /// The answer as it stood at most `staleness` ago, without asking anybody.
    func recentAnswer(
        for job: JobID,
        _ scope: AnswerScope,
        within staleness: Duration
    ) -> RecentAnswers.Answer? {
        let key = AnswerKey(job: job, scope: scope)
        let answer = self.context.recent.answer(for: key, within: staleness, at: .now)
        if answer != nil { self.context.recentCount.wrappingAdd(1, ordering: .relaxed) }
        return answer
    }

    /// The answers as they stood at most `staleness` ago, all at the same moment.
    func recentAnswers(
        for jobs: [JobID],
        _ scope: AnswerScope,
        within staleness: Duration
    ) -> (held: [HeldAnswer], moment: ByteBuffer, age: Duration)? {
        let keys = jobs.map { AnswerKey(job: $0, scope: scope) }
        let answers = self.context.recent.answers(for: keys, within: staleness, at: .now)
        if answers != nil { self.context.recentCount.wrappingAdd(1, ordering: .relaxed) }
        return answers
    }

    /// More is known of datasets' manifests than before.
    func manifestsChanged() { self.context.plansMoved() }

    /// Lets nobody wait for a change any more, as the server is about to stop.
    func beginDrain() { self.context.drain() }

    /// Keeps the sessions open until a graceful shutdown, or the cancellation of the task.
    func run() async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await self.context.loaders.run() }
            group.addTask {
                try await DedicatedThread.run(named: "pg-validator") { self.validate() }
            }
            try await withTaskCancellationHandler {
                try await withGracefulShutdownHandler {
                    try await group.waitForAll()
                } onGracefulShutdown: {
                    self.stop()
                }
            } onCancel: {
                self.stop()
            }
        }
    }

    /// The validator's own thread.
    private func validate() {
        while true {
            switch self.validator.withLock({ $0.turn() }) {
            case .again: continue
            case .stop: return
            case .rest(let deadline):
                self.context.wakeUp.wait(until: deadline)
                self.context.inbox.withLock { $0.awoke() }
            }
        }
    }

    private func stop() {
        self.context.inbox.withLock { $0.stopRequested() }
        self.context.wakeUp.signal()
    }
}
