import Foundation
import Logging
import NIOCore
import ProgressRPC
import Synchronization
import TestSupport

@testable import ProgressTool

/// What a server was asked about jobs, in order.
final class StubQuestions: Sendable {
    struct Question: Equatable, Sendable {
        var jobs: [Int64]
        var knownVersion = Data()
        var maxStalenessMs: UInt32 = 0
        var waitMs: UInt32 = 0
    }

    private let asked = Mutex<[Question]>([])

    var all: [Question] { self.asked.withLock { $0 } }

    fileprivate func append(_ question: Question) {
        self.asked.withLock { $0.append(question) }
    }
}

/// Runs `body` with the socket of an RPC server whose jobs answer as `progress` says, or, if the
/// caller knows that version, not modified.
func withStubServer<Value: Sendable>(
    questions: StubQuestions? = nil,
    progress: @escaping @Sendable (Int64) -> Result<PBJobProgress, RPCError>,
    _ body: (String) async throws -> Value
) async throws -> Value {
    try await withStubServer(StubHandler(progress: progress, questions: questions), body)
}

/// Runs `body` with the socket of an RPC server that answers as `handler` does.
func withStubServer<Value: Sendable>(
    _ handler: some RPCHandler,
    _ body: (String) async throws -> Value
) async throws -> Value {
    let directory = try TemporaryDirectory()
    defer { directory.remove() }
    let socket = "\(directory.path)/rpc.sock"
    let server = RPCServer(
        configuration: .init(socketPath: socket),
        handler: handler,
        logger: Logger(label: "stub") { _ in SwiftLogNoOpLogHandler() }
    )
    return try await withThrowingTaskGroup(of: Void.self) { group in
        group.addTask { try await server.run() }
        let deadline = ContinuousClock.now.advanced(by: .seconds(10))
        while !canConnect(toSocket: socket), deadline > .now { await Task.yield() }
        let value = try await body(socket)
        group.cancelAll()
        return value
    }
}

private struct StubHandler: RPCHandler {
    let progress: @Sendable (Int64) -> Result<PBJobProgress, RPCError>
    let questions: StubQuestions?

    func handle(_ call: ServerCall) {
        switch call.method {
        case .echo: call.succeed(call.body)
        case .health:
            var health = PBHealthResponse()
            health.status = .serving
            call.succeed(health)
        case .getJobProgress:
            do {
                let request = try call.message(PBGetJobProgressRequest.self)
                self.questions?.append(
                    .init(
                        jobs: [request.jobID],
                        knownVersion: request.knownVersion,
                        maxStalenessMs: request.maxStalenessMs,
                        waitMs: request.waitMs
                    )
                )
                let answer = try self.progress(request.jobID).get()
                let isKnown = !answer.version.isEmpty && answer.version == request.knownVersion
                if isKnown { call.notModified() } else { call.succeed(answer) }
            } catch {
                call.fail(error)
            }
        case .getJobProgressBatch:
            do {
                let request = try call.message(PBGetJobProgressBatchRequest.self)
                self.questions?.append(
                    .init(
                        jobs: request.jobs.map(\.jobID),
                        maxStalenessMs: request.maxStalenessMs,
                        waitMs: request.waitMs
                    )
                )
                var answer = PBGetJobProgressBatchResponse()
                for job in request.jobs {
                    switch self.progress(job.jobID) {
                    case .success(let progress): answer.changed.append(progress)
                    case .failure(let error):
                        answer.failed.append(PBJobFailure(jobID: job.jobID, error))
                    }
                }
                call.succeed(answer)
            } catch {
                call.fail(error)
            }
        default: call.fail(RPCError(.unimplemented, "the stub has no such method"))
        }
    }
}

/// A running job with one table.
func someProgress(_ id: Int64) -> PBJobProgress {
    var table = PBTableProgress()
    table.name = "blocks"
    table.startBlock = 0
    table.currentBlock = 99
    table.filesCount = 2
    table.totalSizeBytes = 2_048
    var empty = PBTableProgress()
    empty.name = "a\"b\n"
    var progress = PBJobProgress()
    progress.jobID = id
    progress.jobStatus = "RUNNING"
    progress.tables = [table, empty]
    return progress
}
