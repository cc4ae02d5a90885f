import ProgressChain
import ProgressPostgres
import ProgressRPC
import Synchronization

/// Reads past the cache, for jobs whose tables do not fit into it; nothing of them is kept.
///
/// Each is of a moment of its own, and serves all who asked for the same before it began. While it
/// runs it holds the files of one table at a time, for which the budget has no room.
final class DirectReads: Sendable {
    private struct Question: Hashable {
        var jobs: [JobID]
        var scope: AnswerScope
    }

    /// What the reading session must agree with.
    struct Terms: Sendable {
        var serverEpoch: UInt64
        var isStandby: Bool
        /// `nil`: any database.
        var life: DatabaseIdentity?
    }

    private struct State {
        /// Those whose read has not begun.
        var waiting: [Question: [ProgressRequest]] = [:]
        var waitingCount = 0
        /// Reads that run or wait for a session.
        var readCount = 0
        var nextPrune = ContinuousClock.now

        /// Drops those that nobody waits for; seldom, as it looks at all of them.
        mutating func prune(at now: ContinuousClock.Instant) {
            guard self.nextPrune <= now else { return }
            self.nextPrune = now.advanced(by: .milliseconds(25))
            for question in self.waiting.keys {
                self.waiting[question]?.removeAll { $0.isComplete }
            }
            self.waitingCount = self.waiting.values.reduce(0) { $0 + $1.count }
        }
    }

    /// Most reads that run or wait for a session; one more is refused.
    private let readLimit: Int
    /// Most requests that wait for a read to begin; one more is refused.
    private let callerLimit: Int
    private let state = Mutex(State())

    init(readLimit: Int, callerLimit: Int) {
        self.readLimit = readLimit
        self.callerLimit = callerLimit
    }

    private enum Arrival {
        case start
        case wait
        case refuse
    }

    /// Answers a request by a read that begins after this call.
    func read(for request: ProgressRequest, _ terms: Terms, _ context: ValidationContext) {
        let question = Question(jobs: request.jobs, scope: request.scope)
        switch self.state.withLock({ self.arrival(of: request, question, &$0) }) {
        case .start: self.start(question, terms, context)
        case .wait: break
        case .refuse: request.fail(StoreError(.queueFull, "too many reads past the cache wait"))
        }
    }

    private func arrival(
        of request: ProgressRequest,
        _ question: Question,
        _ state: inout State
    ) -> Arrival {
        if state.waitingCount >= self.callerLimit { state.prune(at: .now) }
        let isFirst = state.waiting[question] == nil
        guard state.waitingCount < self.callerLimit, !isFirst || state.readCount < self.readLimit
        else { return .refuse }
        state.waiting[question, default: []].append(request)
        state.waitingCount += 1
        if isFirst { state.readCount += 1 }
        return isFirst ? .start : .wait
    }

    private func start(_ question: Question, _ terms: Terms, _ context: ValidationContext) {
        let callers = Callers()
        let visibility = Visibility(question.scope.message)
        let read = context.loaders.read(
            "jobs past the cache",
            before: .now.advanced(by: context.configuration.loadTimeout)
        ) { session, limit throws(ReadFailure) in
            // From here on it is too late to join.
            callers.begin(with: self.takeWaiting(on: question))
            guard callers.isWanted else {
                throw ReadFailure(.moment, PostgresError(.cancelled, "the callers went away"))
            }
            return try session.connection.readJobs(
                question.jobs,
                planned: { context.applyManifests(to: &$0) },
                choosing: { visibility.tables(of: $0) ?? [] },
                era: session.era,
                isStandby: terms.isStandby,
                life: terms.life,
                names: context.loaders.networkNames,
                limit: limit
            )
        } completion: { result in
            // Who came after it began waits for another one.
            if !callers.haveBegun { callers.begin(with: self.takeWaiting(on: question)) }
            self.state.withLock { $0.readCount -= 1 }
            switch result {
            case .failure(let error):
                for request in callers.all { request.fail(error) }
            case .success(let reading):
                context.directReadCount.wrappingAdd(1, ordering: .relaxed)
                for request in callers.all {
                    context.answer(request, from: reading, epoch: terms.serverEpoch)
                }
            }
        }
        callers.onDesertion { [weak read] in read?.cancel() }
    }

    private func takeWaiting(on question: Question) -> [ProgressRequest] {
        self.state.withLock { state in
            let requests = state.waiting.removeValue(forKey: question) ?? []
            state.waitingCount -= requests.count
            return requests
        }
    }
}

/// Those whom one read serves.
private final class Callers: Sendable {
    private struct State {
        var requests: [ProgressRequest] = []
        var haveBegun = false
        var onDesertion: (@Sendable () -> Void)?
    }

    private let state = Mutex(State())

    var all: [ProgressRequest] { self.state.withLock { $0.requests } }

    /// Whether the read has begun, once at least.
    var haveBegun: Bool { self.state.withLock { $0.haveBegun } }

    /// Whether somebody still waits.
    var isWanted: Bool { self.all.contains { !$0.isComplete } }

    func begin(with requests: [ProgressRequest]) {
        self.state.withLock { state in
            state.haveBegun = true
            state.requests += requests
        }
        for request in requests {
            request.onCancellation { [weak self] in self?.callerLeft() }
        }
    }

    /// Sets what happens when nobody waits any more.
    func onDesertion(_ action: @escaping @Sendable () -> Void) {
        let isDeserted = self.state.withLock { state in
            state.onDesertion = action
            return state.haveBegun && state.requests.allSatisfy { $0.isComplete }
        }
        if isDeserted { action() }
    }

    private func callerLeft() {
        guard !self.isWanted else { return }
        self.state.withLock { $0.onDesertion }?()
    }
}

extension ValidationContext {
    /// Tells a caller what a reading past the cache gave, or lets it wait for something new.
    fileprivate func answer(
        _ request: ProgressRequest,
        from reading: JobReading,
        epoch: UInt64
    ) {
        let (reply, isNews) = self.reply(to: request, from: reading, epoch: epoch)
        guard !isNews, let end = request.waitEnd, end > .now else {
            return request.complete(with: reply)
        }
        var again = Waiting(request)
        again.isUnchanged = true
        again.notBefore = min(end, .now.advanced(by: self.configuration.idleInterval))
        self.arrivedAgain(again)
    }

    /// The reply that a reading past the cache gives, and whether the caller had it not.
    private func reply(
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
        // Never read past the cache: it would not be held afterwards either.
        case .holdings: return (.failure(.noSuchJob(request.jobs[0])), true)
        case .batch(let known):
            let batch = BatchAnswer(known, known.map { answer($0.job) })
            return (.body(batch.encoded(moment)), batch.isNews)
        }
    }
}
