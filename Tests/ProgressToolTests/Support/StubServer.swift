import Logging
import NIOCore
import ProgressRPC
import TestSupport

@testable import ProgressTool

/// Runs `body` with the socket of an RPC server whose jobs answer as `progress` says.
func withStubServer<Value: Sendable>(
    progress: @escaping @Sendable (Int64) -> Result<PBJobProgress, RPCError>,
    _ body: (String) async throws -> Value
) async throws -> Value {
    let directory = try TemporaryDirectory()
    defer { directory.remove() }
    let socket = "\(directory.path)/rpc.sock"
    let server = RPCServer(
        configuration: .init(socketPath: socket),
        handler: StubHandler(progress: progress),
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
                call.succeed(try self.progress(request.jobID).get())
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
