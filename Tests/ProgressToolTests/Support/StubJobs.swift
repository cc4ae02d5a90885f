import NIOHTTP1
import ProgressRPC
import SwiftProtobuf
import Synchronization

@testable import ProgressTool

/// A server that gives one answer, whatever it is asked, and keeps the questions.
final class StubJobs: RPCHandler {
    private let answer: @Sendable (ServerCall) -> Void
    private let asked = Mutex<[String]>([])

    /// The calls in order, `ListJobs {"limit":50}`.
    var questions: [String] { self.asked.withLock { $0 } }

    init(_ answer: some Message & Sendable) {
        self.answer = { $0.succeed(answer) }
    }

    init(failing error: RPCError) {
        self.answer = { $0.fail(error) }
    }

    func handle(_ call: ServerCall) {
        let question =
            switch call.method {
            case .getJob: try? call.message(PBGetJobRequest.self).jsonString()
            case .listJobs: try? call.message(PBListJobsRequest.self).jsonString()
            case .listDatasetJobs: try? call.message(PBListDatasetJobsRequest.self).jsonString()
            case .listJobEvents: try? call.message(PBListJobEventsRequest.self).jsonString()
            case .getJobEvent: try? call.message(PBGetJobEventRequest.self).jsonString()
            default: String?.none
            }
        self.asked.withLock { $0.append("\(call.method.name) \(question ?? "?")") }
        self.answer(call)
    }
}

/// Jobs and events as a server tells of them, and the bodies that a gateway has of the same.
enum SampleJobs {
    static let running: PBJob = {
        var job = PBJob()
        job.id = 42
        job.createdAtUs = 1_767_323_045_678_000
        job.updatedAtUs = 1_767_323_045_678_900
        job.nodeID = "node\n1"
        job.status = "RUNNING"
        job.descriptorJson =
            #"{"kind": "materialize-raw", "end_block": 12345678901234567890, "dataset_name": "eth", "#
            + #""dataset_namespace": "amp"}"#
        job.datasetNamespace = "amp"
        job.datasetName = "eth"
        job.tables = ["blocks", "logs"]
        return job
    }()

    static let hidden: PBJob = {
        var job = PBJob()
        job.id = 41
        job.createdAtUs = 1_705_314_600_000_000
        job.updatedAtUs = 1_705_314_600_000_000
        job.nodeID = "b"
        job.status = "SCHEDULED"
        return job
    }()

    static let runningBody =
        #"{"id":42,"created_at":"2026-01-02T03:04:05.678+00:00","#
        + #""updated_at":"2026-01-02T03:04:05.678900+00:00","node_id":"node\n1","status":"RUNNING","#
        + #""descriptor":{"kind": "materialize-raw", "end_block": 12345678901234567890, "#
        + #""dataset_name": "eth", "dataset_namespace": "amp"}}"#

    static let hiddenBody =
        #"{"id":41,"created_at":"2024-01-15T10:30:00+00:00","#
        + #""updated_at":"2024-01-15T10:30:00+00:00","node_id":"b","status":"SCHEDULED","#
        + #""descriptor":null}"#

    static let event: PBJobEvent = {
        var event = PBJobEvent()
        event.id = 7
        event.createdAtUs = 1_767_323_045_000_001
        event.nodeID = "n"
        event.eventType = "ERROR"
        return event
    }()

    static let eventMembers =
        #""created_at":"2026-01-02T03:04:05.000001+00:00","node_id":"n","event_type":"ERROR""#
}

/// What a command prints if it asks a server, and if it asks a gateway.
func runBothWays(
    _ arguments: [String],
    server: StubJobs,
    path: String,
    body: String
) async throws -> [CommandResult] {
    let bySocket = try await withStubServer(server) { socket in
        try await runCommand(arguments + ["--socket", socket])
    }
    let byGateway = try await withStubGateway { request in
        request.uri == path
            ? (.ok, body) : (.badRequest, #"{"error_code":"X","error_message":"\#(request.uri)"}"#)
    } _: { url in
        try await runCommand(arguments + ["--admin-url", url])
    }
    return [bySocket, byGateway]
}
