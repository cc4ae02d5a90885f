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
    }

    struct Question: Sendable {
        var jobID: Int64
        var knownVersion: [UInt8]
        var scope: PBScope?
        var caller: String
        var traceparent: String
    }

    private let outcomes: [Int64: Outcome]
    private let asked = Mutex<[Question]>([])
    private let held = Mutex<[(ServerCall, PBJobProgress)]>([])

    init(_ outcomes: [Int64: Outcome]) {
        self.outcomes = outcomes
    }

    /// What was asked so far, in order.
    var questions: [Question] { self.asked.withLock { $0 } }

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
            let request = try call.message(PBGetJobProgressRequest.self)
            self.asked.withLock { asked in
                asked.append(
                    Question(
                        jobID: request.jobID,
                        knownVersion: Array(request.knownVersion),
                        scope: call.meta.hasScope ? call.meta.scope : nil,
                        caller: call.meta.caller,
                        traceparent: call.meta.traceparent
                    )
                )
            }
            try self.answer(call, request)
        } catch {
            call.fail(error)
        }
    }

    private func answer(_ call: ServerCall, _ request: PBGetJobProgressRequest) throws(RPCError) {
        switch self.outcomes[request.jobID] {
        case .progress(var progress):
            let scope = try call.scope()
            progress.tables.removeAll { table in !scope.covers(table) }
            guard !progress.tables.isEmpty || scope.all else { throw .notFound(request.jobID) }
            if request.knownVersion == progress.version, !progress.version.isEmpty {
                call.notModified()
            } else {
                call.succeed(progress)
            }
        case .unfiltered(let progress): call.succeed(progress)
        case .failure(let error): throw error
        case .notModified: call.notModified()
        case .held(let progress): self.held.withLock { $0.append((call, progress)) }
        case nil: throw .notFound(request.jobID)
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
