import NIOCore
import ProgressRPC

/// How a question wants to be answered.
struct QuestionTerms: Equatable, Sendable {
    /// How old the answer may be; zero: it is current.
    var staleness = Duration.zero
    /// How long to wait for another answer than the known one; zero: not at all.
    var wait = Duration.zero

    /// Now, and at once.
    static let current = Self()

    private init() {}

    /// - Parameter isKnown: Whether the caller has an answer to everything that it asks.
    /// - Throws: ``RPCError`` with code `invalidArgument`.
    init(
        stalenessMilliseconds: UInt32,
        waitMilliseconds: UInt32,
        isKnown: Bool
    ) throws(RPCError) {
        self.staleness = .milliseconds(Int64(stalenessMilliseconds))
        self.wait = .milliseconds(Int64(waitMilliseconds))
        guard self.wait > .zero else { return }
        guard self.wait <= .nanoseconds(Limits.longestWait.nanoseconds) else {
            throw RPCError(
                .invalidArgument,
                "wait_ms is \(waitMilliseconds); the limit is \(Limits.longestWait.nanoseconds / 1_000_000)"
            )
        }
        guard self.staleness == .zero else {
            throw RPCError(
                .invalidArgument,
                "wait_ms and max_staleness_ms are both given; a call has at most one of them"
            )
        }
        guard isKnown else {
            throw RPCError(
                .invalidArgument,
                "wait_ms is given without a known_version; ask without it first"
            )
        }
    }
}

/// GetJobProgress, checked.
struct JobProgressQuestion: Sendable {
    var known: KnownJob
    var terms: QuestionTerms

    /// - Throws: ``RPCError`` with code `invalidArgument`.
    init(_ query: ProgressQuery) throws(RPCError) {
        self.known = KnownJob(job: try JobID(asked: query.jobID))
        if case .version(let version) = query.knownVersion { self.known.version = version }
        self.terms = try QuestionTerms(
            stalenessMilliseconds: query.maxStaleness,
            waitMilliseconds: query.wait,
            isKnown: query.knownVersion != .none
        )
    }
}

/// GetJobProgressBatch, checked.
struct BatchQuestion: Sendable {
    var known: [KnownJob]
    var terms: QuestionTerms

    /// - Throws: ``RPCError`` with code `invalidArgument`.
    init(_ request: PBGetJobProgressBatchRequest) throws(RPCError) {
        guard 1...Limits.batchJobs ~= request.jobs.count else {
            throw RPCError(
                .invalidArgument,
                "the batch has \(request.jobs.count) jobs; it must have 1 to \(Limits.batchJobs)"
            )
        }
        self.known = []
        var seen: Set<JobID> = []
        for job in request.jobs {
            let id = try JobID(asked: job.jobID)
            guard seen.insert(id).inserted else {
                throw RPCError(.invalidArgument, "the batch has job \(id) twice")
            }
            self.known.append(
                KnownJob(job: id, version: AnswerVersion(job.knownVersion))
            )
        }
        self.terms = try QuestionTerms(
            stalenessMilliseconds: request.maxStalenessMs,
            waitMilliseconds: request.waitMs,
            isKnown: request.jobs.allSatisfy { !$0.knownVersion.isEmpty }
        )
    }
}

extension JobID {
    /// - Throws: ``RPCError`` with code `invalidArgument` and reason `INVALID_JOB_ID`.
    init(asked number: Int64) throws(RPCError) {
        guard let id = JobID(rawValue: number) else {
            throw RPCError(
                .invalidArgument,
                "job id is \(number); it must be 1 or more",
                reason: "INVALID_JOB_ID"
            )
        }
        self = id
    }
}
