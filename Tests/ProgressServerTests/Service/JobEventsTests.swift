import ProgressRPC
import SwiftProtobuf
import TestSupport
import Testing

@testable import ProgressServer

@Suite("What happened to a job", .requiresPostgres, .timeLimit(.minutes(2)))
struct JobEventsTests {
    private static let detail =
        #"{"error_code": "E", "error_message": "m", "error_context": {"stack_trace": ["secret"]}}"#

    @Test func eventsComeInOrderAndOneWithItsDetail() async throws {
        let database = try await AmpDatabase.make()
        let job = try await database.addJob(status: "ERROR", detail: Self.detail)
        let stranger = try await database.addJob()
        try await withService(database) { client in
            let list = try await client.jobEvents(.with { $0.jobID = job })
            #expect(list.jobID == job && list.nextCursor == 0)
            #expect(list.events.map(\.eventType) == ["SCHEDULED", "ERROR"])
            #expect(list.events.allSatisfy { !$0.hasDetailJson && $0.nodeID == "n" })
            let page = try await client.jobEvents(
                .with {
                    $0.jobID = job
                    $0.limit = 1
                }
            )
            #expect(page.events.map(\.id) == [1] && page.nextCursor == 1)
            let rest = try await client.jobEvents(
                .with {
                    $0.jobID = job
                    $0.lastEventID = 1
                }
            )
            #expect(rest.events.map(\.id) == [2] && rest.nextCursor == 0)
            let event = try await client.jobEvent(2, of: job)
            #expect(event.event.detailJson.contains("secret"))
            #expect(event.event.createdAtUs > 1_600_000_000_000_000)
            let errors = [
                await rpcError { try await client.jobEvent(3, of: job) },
                await rpcError { try await client.jobEvent(99, of: job) },
                await rpcError { try await client.jobEvent(1, of: stranger + 1) },
            ]
            #expect(
                errors.map { $0?.reason } == [
                    "EVENT_NOT_FOUND", "EVENT_NOT_FOUND", "JOB_NOT_FOUND",
                ]
            )
            let zero = await rpcError { try await client.jobEvent(0, of: job) }
            #expect(zero?.code == .invalidArgument)
            let many = await rpcError {
                try await client.jobEvents(
                    .with {
                        $0.jobID = job
                        $0.limit = 10_001
                    }
                )
            }
            #expect(many?.reason == "LIMIT_TOO_LARGE")
        }
    }

    @Test func detailsAreForThoseWhoMaySeeThem() async throws {
        let database = try await AmpDatabase.make()
        let job = try await database.addJob(
            status: "ERROR",
            dataset: "eth/main",
            detail: Self.detail
        )
        let revision = try await database.addTable("blocks", of: "eth/main", job: job)
        try await database.activate(revision, as: "copy", of: "base/copy")
        try await withService(database, role: .gateway) { client in
            let own = CallOptions(scope: .datasets("eth/"))
            let event = try await client.jobEvent(2, of: job, options: own).event
            #expect(event.detailJson == #"{"error_code":"E","error_message":"m"}"#)
            let scheduled = try await client.jobEvent(1, of: job, options: own).event
            #expect(scheduled.detailJson.contains("dataset_name"))
            let foreign = CallOptions(scope: .datasets("base/"))
            for id in [1, 2] as [Int64] {
                let event = try await client.jobEvent(id, of: job, options: foreign).event
                #expect(!event.hasDetailJson)
            }
            let hidden = CallOptions(scope: .datasets("none/"))
            let error = await rpcError {
                try await client.jobEvents(.with { $0.jobID = job }, options: hidden)
            }
            #expect(error?.reason == "JOB_NOT_FOUND")
        }
    }
}
