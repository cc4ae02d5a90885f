import NIOCore
import ProgressRPC
import Synchronization

/// Answers calls as told, by job, and remembers what was asked.
///
/// Like the real server it leaves out tables that the scope does not cover, and knows no job of
/// which nothing is left.
final class CannedServer: RPCHandler {
    enum Outcome: Sendable {
        case progress(PBJobProgress)
        /// An answer that the scope does not allow: a server with a mistake.
        case unfiltered(PBJobProgress)
        case failure(RPCError)
        /// That the caller's version stands, whatever it holds.
        case notModified
        /// No answer before ``CannedServer/release()``.
        case held(PBJobProgress)
        /// No answer to a batch that has the job, but the same as a whole.
        case batch(Result<PBGetJobProgressBatchResponse, RPCError>)
    }

    struct Question: Sendable {
        var jobs: [PBKnownJob]
        var maxStalenessMs: UInt32
        var waitMs: UInt32
        var timeLeft: TimeAmount
        var scope: PBScope?
        var caller: String
        var traceparent: String

        /// The first job, for one is asked about most often.
        var jobID: Int64 { self.jobs.first?.jobID ?? 0 }
        var knownVersion: [UInt8] { self.jobs.first.map { Array($0.knownVersion) } ?? [] }
    }

    /// A call of a method that is answered with the same reply whatever it asks.
    struct Call: Sendable {
        var method: ProgressRPC.Method
        var body: ByteBuffer
        var scope: PBScope?
        var caller: String
        var traceparent: String
    }

    private let outcomes: [Int64: Outcome]
    private let replies: [ProgressRPC.Method: Result<ByteBuffer, RPCError>]
    private let received = Mutex<[Call]>([])
    private let asked = Mutex<[Question]>([])
    private let held = Mutex<[(ServerCall, PBJobProgress)]>([])
    private let cancelled = Mutex(0)

    init(
        _ outcomes: [Int64: Outcome],
        replies: [ProgressRPC.Method: Result<ByteBuffer, RPCError>] = [:]
    ) {
        self.outcomes = outcomes
        self.replies = replies
    }

    /// The calls so far that had a reply, in order.
    var calls: [Call] { self.received.withLock { $0 } }

    /// What was asked so far, in order.
    var questions: [Question] { self.asked.withLock { $0 } }

    /// How many held calls were cancelled.
    var cancelledCount: Int { self.cancelled.withLock { $0 } }

    /// Answers the calls that are held.
    func release() {
        let held = self.held.withLock { held in
            defer { held.removeAll() }
            return held
        }
        for (call, progress) in held { call.succeed(progress) }
    }

    func handle(_ call: ServerCall) {
        do throws(RPCError) {
            if let reply = self.replies[call.method] {
                let received = Call(
                    method: call.method,
                    body: call.body,
                    scope: call.meta.hasScope ? call.meta.scope : nil,
                    caller: call.meta.caller,
                    traceparent: call.meta.traceparent
                )
                self.received.withLock { $0.append(received) }
                call.succeed(try reply.get())
                return
            }
            if call.method == .getJobProgressBatch {
                let request = try call.message(PBGetJobProgressBatchRequest.self)
                self.remember(call, request.jobs, request.maxStalenessMs, request.waitMs)
                call.succeed(try self.answer(request, within: try call.scope()))
            } else {
                let request = try call.message(PBGetJobProgressRequest.self)
                let job = PBKnownJob(request.jobID, knownVersion: Array(request.knownVersion))
                self.remember(call, [job], request.maxStalenessMs, request.waitMs)
                try self.answer(call, job)
            }
        } catch {
            call.fail(error)
        }
    }

    private func remember(
        _ call: ServerCall,
        _ jobs: [PBKnownJob],
        _ maxStaleness: UInt32,
        _ wait: UInt32
    ) {
        let question = Question(
            jobs: jobs,
            maxStalenessMs: maxStaleness,
            waitMs: wait,
            timeLeft: call.deadline - .now(),
            scope: call.meta.hasScope ? call.meta.scope : nil,
            caller: call.meta.caller,
            traceparent: call.meta.traceparent
        )
        self.asked.withLock { $0.append(question) }
    }

    private func answer(_ call: ServerCall, _ job: PBKnownJob) throws(RPCError) {
        switch self.outcomes[job.jobID] {
        case .held(let progress): self.hold(call, progress)
        default:
            if let progress = try self.progress(job, within: try call.scope()) {
                call.succeed(progress)
            } else {
                call.notModified()
            }
        }
    }

    private func hold(_ call: ServerCall, _ progress: PBJobProgress) {
        self.held.withLock { $0.append((call, progress)) }
        call.onCancellation {
            let isHeld = self.held.withLock { held in
                let count = held.count
                held.removeAll { $0.0 === call }
                return held.count < count
            }
            guard isHeld else { return }
            call.fail(RPCError(.cancelled, "the call was cancelled"))
            self.cancelled.withLock { $0 += 1 }
        }
    }

    private func answer(
        _ request: PBGetJobProgressBatchRequest,
        within scope: PBScope
    ) throws(RPCError) -> PBGetJobProgressBatchResponse {
        var response = PBGetJobProgressBatchResponse()
        for job in request.jobs {
            if case .batch(let result) = self.outcomes[job.jobID] { return try result.get() }
            do throws(RPCError) {
                guard let progress = try self.progress(job, within: scope) else { continue }
                response.changed.append(progress)
            } catch {
                response.failed.append(PBJobFailure(jobID: job.jobID, error))
            }
        }
        return response
    }

    /// - Returns: `nil`: not modified.
    private func progress(
        _ job: PBKnownJob,
        within scope: PBScope
    ) throws(RPCError) -> PBJobProgress? {
        switch self.outcomes[job.jobID] {
        case .progress(var progress), .held(var progress):
            progress.tables.removeAll { table in !scope.covers(table) }
            guard !progress.tables.isEmpty || scope.all else { throw .notFound(job.jobID) }
            let isKnown = job.knownVersion == progress.version && !progress.version.isEmpty
            return isKnown ? nil : progress
        case .unfiltered(let progress): return progress
        case .failure(let error): throw error
        case .notModified: return nil
        case .batch, nil: throw .notFound(job.jobID)
        }
    }
}

extension RPCError {
    fileprivate static func notFound(_ id: Int64) -> Self {
        RPCError(.notFound, "job '\(id)' not found", reason: "JOB_NOT_FOUND")
    }
}

extension PBScope {
    fileprivate func covers(_ table: PBTableProgress) -> Bool {
        self.all
            || self.datasets.contains { pattern in
                (pattern.namespace.isEmpty || pattern.namespace == table.datasetNamespace)
                    && (pattern.name.isEmpty || pattern.name == table.datasetName)
            }
    }
}
