import NIOCore
import ProgressRPC

/// From what is held to what callers are told.
extension Validator {
    /// Answers a request, or lets it wait for a change, if nothing is missing.
    ///
    /// - Returns: Whether it is done with; else its lack says what is missing.
    mutating func settle(_ waiting: inout Waiting) -> Bool {
        let request = waiting.request
        guard !request.isComplete else { return true }
        switch request.subject {
        case .one(let known):
            switch self.examine(known.job, request.scope) {
            case .lack(let lack):
                guard let error = waiting.failure(among: lack.loads) else {
                    waiting.lack = lack
                    return false
                }
                self.replies.append((request, .failure(error)))
            case .answer(let answer):
                self.reply(answer, known, to: waiting)
            }
        case .holdings(let job):
            switch self.cache.holdings(of: job, request.scope) {
            case .lack(let lack):
                guard let error = waiting.failure(among: lack.loads) else {
                    waiting.lack = lack
                    return false
                }
                self.replies.append((request, .failure(error)))
            case .holdings(let holdings?):
                self.replies.append((request, .holdings(holdings, moment: self.moment)))
            case .holdings(nil): self.replies.append((request, .failure(.noSuchJob(job))))
            }
        case .batch(let known):
            var answers: [HeldAnswer] = []
            waiting.lack = Lack()
            for job in known.lazy.map(\.job) {
                switch self.examine(job, request.scope) {
                case .answer(let answer): answers.append(answer)
                case .lack(let lack):
                    guard let error = waiting.failure(among: lack.loads) else {
                        waiting.lack.formUnion(lack)
                        continue
                    }
                    answers.append(HeldAnswer(result: .failure(error), version: nil, stamp: 0))
                }
            }
            guard waiting.lack.isEmpty else { return false }
            self.reply(BatchAnswer(known, answers), to: waiting)
        }
        return true
    }

    /// Tells callers what was settled; whoever may take an older answer, or asks for the counts, finds
    /// it first.
    mutating func sendReplies(_ start: ContinuousClock.Instant) {
        self.publish(start: start)
        self.publishStatistics()
        for (request, reply) in self.replies { request.complete(with: reply) }
        self.replies.removeAll(keepingCapacity: self.replies.capacity <= Self.keptCapacity)
    }

    private mutating func examine(
        _ job: JobID,
        _ scope: AnswerScope
    ) -> ProgressCache.Examination {
        let render = self.context.render
        return self.cache.examine(job, scope) { plan, outcomes in
            render(job, scope, plan, outcomes)
        }
    }

    private mutating func reply(_ answer: HeldAnswer, _ known: KnownJob, to waiting: Waiting) {
        switch answer.result {
        case .failure(let error): self.replies.append((waiting.request, .failure(error)))
        case .success where answer.version == known.version:
            if !self.waitsOn(waiting) { self.replies.append((waiting.request, .notModified)) }
        case .success(let body):
            let key = AnswerKey(job: known.job, scope: waiting.request.scope)
            if let last = self.lastReply, last.key == key {
                return self.replies.append((waiting.request, .body(last.body)))
            }
            let reply = ReplyEncoding.reply(body, self.moment)
            self.lastReply = (key, reply)
            self.replies.append((waiting.request, .body(reply)))
        }
    }

    private mutating func reply(_ batch: BatchAnswer, to waiting: Waiting) {
        if !batch.isNews, self.waitsOn(waiting) { return }
        self.replies.append((waiting.request, .body(batch.encoded(self.moment))))
    }

    /// Lets a request whose caller has the answer wait for another one, if it wants to.
    ///
    /// - Returns: Whether it waits, or was told why it cannot.
    private mutating func waitsOn(_ waiting: Waiting) -> Bool {
        guard let end = waiting.request.waitEnd, end > .now else { return false }
        guard !self.isDraining else {
            waiting.request.fail(StoreError(.stopping, "the server stops"))
            return true
        }
        let limit = self.context.configuration.watcherLimit
        if self.watchers.count >= limit { self.watchers.dropComplete() }
        guard self.watchers.count < limit else {
            waiting.request.complete(
                with: .failure(
                    RPCError(
                        .resourceExhausted,
                        "\(limit) calls wait for a change already; retry later",
                        reason: "TOO_MANY_WAITERS",
                        retryAfter: .seconds(1)
                    )
                )
            )
            return true
        }
        // What it went through belongs to the answer that its caller has.
        self.watchers.add(Waiting(waiting.request))
        return true
    }
}

/// The answers for the jobs of a batch.
struct BatchAnswer {
    private var changed: [ByteBuffer] = []
    private var failed: [(JobID, RPCError)] = []

    init(_ known: [KnownJob], _ answers: [HeldAnswer]) {
        for (known, answer) in zip(known, answers) {
            switch answer.result {
            case .success(let body):
                if answer.version != known.version { self.changed.append(body) }
            case .failure(let error): self.failed.append((known.job, error))
            }
        }
    }

    /// Whether there is something that the caller does not have.
    var isNews: Bool { !self.changed.isEmpty || !self.failed.isEmpty }

    func encoded(_ moment: ByteBuffer, age: Duration? = nil) -> ByteBuffer {
        ReplyEncoding.batch(changed: self.changed, failed: self.failed, moment, age: age)
    }
}
