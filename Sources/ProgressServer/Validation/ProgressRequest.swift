import NIOCore
import ProgressRPC
import Synchronization

/// One question: how far one job is, or several, for callers of one scope.
final class ProgressRequest: Sendable {
    enum Subject: Sendable {
        case one(KnownJob)
        case batch([KnownJob])
        /// All that is held of a job, for more than its progress.
        case holdings(JobID)
    }

    let subject: Subject
    let scope: AnswerScope
    /// When the answer is of no use any more.
    let deadline: ContinuousClock.Instant
    /// Until when to wait for an answer that the caller does not know; `nil`: not at all.
    let waitEnd: ContinuousClock.Instant?
    private let state: Mutex<State>

    private struct State {
        /// `nil` once called.
        var completion: (@Sendable (ProgressReply) -> Void)?
        /// Ends a read that is made for this request alone.
        var onCancellation: (@Sendable () -> Void)?
    }

    init(
        _ subject: Subject,
        scope: AnswerScope,
        before deadline: ContinuousClock.Instant,
        waitEnd: ContinuousClock.Instant? = nil,
        completion: @escaping @Sendable (ProgressReply) -> Void
    ) {
        self.subject = subject
        self.scope = scope
        self.deadline = deadline
        self.waitEnd = waitEnd
        self.state = Mutex(State(completion: completion))
    }

    /// Whether it has its answer, or nobody wants one.
    var isComplete: Bool { self.state.withLock { $0.completion == nil } }

    /// Hands the reply over; later ones are dropped.
    func complete(with reply: ProgressReply) {
        // Outside the lock: it may run arbitrary code.
        self.end().completion?(reply)
    }

    /// Nobody waits any more.
    func cancel() {
        let ended = self.end()
        ended.completion?(.failure(RPCError(.cancelled, "the call was cancelled")))
        ended.onCancellation?()
    }

    private func end() -> State {
        // As a whole: a closure that leaves the lock by itself is wrapped, which allocates.
        self.state.withLock { state in
            defer { state = State() }
            return state
        }
    }

    /// Runs `body` when nobody waits any more; at once if the request is complete.
    func onCancellation(_ body: @escaping @Sendable () -> Void) {
        let isComplete = self.state.withLock { state in
            if state.completion != nil { state.onCancellation = body }
            return state.completion == nil
        }
        if isComplete { body() }
    }

    func fail(_ error: StoreError) { self.complete(with: .failure(RPCError(error))) }

    var jobs: [JobID] {
        switch self.subject {
        case .one(let known): [known.job]
        case .batch(let known): known.map(\.job)
        case .holdings(let job): [job]
        }
    }
}

/// A job, and the version of the answer that the caller has.
struct KnownJob: Sendable {
    var job: JobID
    var version: AnswerVersion?
}

/// What a caller is told.
enum ProgressReply: Sendable {
    /// An encoded message.
    case body(ByteBuffer)
    case notModified
    case holdings(JobHoldings, moment: ByteBuffer)
    case failure(RPCError)
}
