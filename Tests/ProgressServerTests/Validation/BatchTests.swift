import ProgressRPC
import TestSupport
import Testing

@testable import ProgressServer

@Suite("Several jobs at one moment", .requiresPostgres, .timeLimit(.minutes(2)))
struct BatchTests {
    private static func request(
        _ jobs: [(Int64, [UInt8])],
        _ change: (inout PBGetJobProgressBatchRequest) -> Void = { _ in }
    ) throws -> PBGetJobProgressBatchRequest {
        var request = PBGetJobProgressBatchRequest()
        request.jobs = jobs.map { PBKnownJob($0.0, knownVersion: $0.1) }
        change(&request)
        return request
    }

    @Test func whatChangedAndWhatFailedComesInTheOrderOfTheRequest() async throws {
        let database = try await AmpDatabase.make()
        var added: [Int64] = []
        for index in 0..<3 {
            let job = try await database.addJob()
            let revision = try await database.addTable("t\(index)", job: job)
            try await database.addChain(of: Int64(index + 1), to: revision)
            added.append(job)
        }
        let jobs = added
        let asked = [jobs[2], 999_999, jobs[0], jobs[1]]
        try await withService(.init(conninfo: database.conninfo)) { _, client in
            let all = try await client.jobProgressBatch(asked.map { PBKnownJob($0) })
            #expect(all.changed.map(\.jobID) == [jobs[2], jobs[0], jobs[1]])
            #expect(all.failed.map(\.jobID) == [999_999])
            #expect(all.failed.first?.error.reason == "JOB_NOT_FOUND")
            #expect(!all.asOf.snapshot.isEmpty && all.asOf.epoch != 0 && !all.hasAgeUs)
            #expect(all.changed.allSatisfy { !$0.hasAsOf && !$0.hasAgeUs })
            for answer in all.changed {
                let single = try #require(try await client.jobProgress(answer.jobID))
                #expect(single.version == answer.version && single.tables == answer.tables)
            }
            let known = all.changed.map { PBKnownJob($0.jobID, knownVersion: Array($0.version)) }
            let none = try await client.jobProgressBatch(known)
            #expect(none.changed.isEmpty && none.failed.isEmpty && !none.asOf.snapshot.isEmpty)
            try await database.execute(
                "UPDATE jobs_status SET status = 'STOPPED' WHERE job_id = \(jobs[1])"
            )
            let one = try await client.jobProgressBatch(known)
            #expect(one.changed.map(\.jobID) == [jobs[1]])
            #expect(one.changed.first?.jobStatus == "STOPPED")
        }
    }

    @Test func itWaitsForTheFirstOfThemToChange() async throws {
        let database = try await AmpDatabase.make()
        let jobs = [try await database.addJob(), try await database.addJob()]
        try await withService(.init(conninfo: database.conninfo)) { engine, client in
            let all = try await client.jobProgressBatch(jobs.map { PBKnownJob($0) })
            let known = all.changed.map { PBKnownJob($0.jobID, knownVersion: Array($0.version)) }
            async let next = client.jobProgressBatch(known, wait: .seconds(30))
            #expect(try await eventually { engine.watcherCount == 1 })
            try await database.execute(
                "UPDATE jobs_status SET status = 'STOPPED' WHERE job_id = \(jobs[1])"
            )
            #expect(try await next.changed.map(\.jobID) == [jobs[1]])
        }
    }

    @Test func tooFewTooManyTwiceAndBelowOneAreRefused() async throws {
        let database = try await AmpDatabase.make()
        try await withService(.init(conninfo: database.conninfo)) { _, client in
            let requests = [
                try Self.request([]), try Self.request((1...1_025).map { ($0, []) }),
                try Self.request([(1, []), (1, [])]), try Self.request([(0, [])]),
                try Self.request([(1, [])]) { $0.waitMs = 1 },
            ]
            for request in requests {
                let message = try request.encoded()
                let error = await rpcError { try await client.call(.getJobProgressBatch, message) }
                #expect(error?.code == .invalidArgument)
            }
            let most = try Self.request((1...1_024).map { ($0, []) })
            let reply = try await client.call(.getJobProgressBatch, try most.encoded())
            let answer = try PBGetJobProgressBatchResponse(decoding: reply.body)
            #expect(answer.failed.count == 1_024)
        }
    }
}
