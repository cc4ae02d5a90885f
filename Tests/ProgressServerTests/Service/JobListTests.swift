import ProgressPostgres
import ProgressRPC
import SwiftProtobuf
import TestSupport
import Testing

@testable import ProgressServer

@Suite("Jobs, listed", .requiresPostgres, .timeLimit(.minutes(2)))
struct JobListTests {
    @Test func pagesHaveEachJobOnceAndTheLastOneSaysSo() async throws {
        let database = try await AmpDatabase.make()
        for _ in 1...7 { _ = try await database.addJob() }
        try await withService(database) { client in
            var ids: [Int64] = []
            var cursors: [Int64] = []
            var cursor: Int64 = 0
            repeat {
                let page = try await client.jobs(.page(limit: 3, lastJobID: cursor))
                ids += page.jobs.map(\.id)
                cursor = page.nextCursor
                cursors.append(cursor)
                #expect(!page.asOf.snapshot.isEmpty && page.asOf.epoch != 0)
            } while cursor != 0
            #expect(ids == [7, 6, 5, 4, 3, 2, 1])
            #expect(cursors == [5, 2, 0])
            // A last page that is full is the last all the same.
            let full = try await client.jobs(.page(limit: 7))
            let past = try await client.jobs(.page(lastJobID: 1))
            #expect(full.nextCursor == 0 && past.jobs.isEmpty)
        }
    }

    @Test func statusesFilterBeforePaging() async throws {
        let database = try await AmpDatabase.make()
        for status in ["RUNNING", "COMPLETED", "STOPPED", "COMPLETED", "odd", "COMPLETED"] {
            _ = try await database.addJob(status: status)
        }
        try await withService(database) { client in
            let page = try await client.jobs(.page(limit: 2, statuses: ["COMPLETED"]))
            #expect(page.jobs.map(\.id) == [6, 4] && page.nextCursor == 4)
            let two = try await client.jobs(.page(statuses: ["RUNNING", "STOPPED"]))
            #expect(two.jobs.map(\.status) == ["STOPPED", "RUNNING"])
            let all = try await client.jobs()
            #expect(all.jobs[1].status == "UNKNOWN")
        }
    }

    @Test("One row that Amp would not write fails no page")
    func oddRows() async throws {
        let database = try await AmpDatabase.make()
        for _ in 1...4 { _ = try await database.addJob() }
        try await database.execute(
            """
            UPDATE jobs SET created_at = 'infinity' WHERE id = 2;
            UPDATE jobs_status SET updated_at = '-infinity' WHERE job_id = 2;
            UPDATE jobs SET created_at = '294276-12-31 23:59:59+00' WHERE id = 3;
            UPDATE job_events SET created_at = 'infinity' WHERE job_id = 2;
            INSERT INTO jobs OVERRIDING SYSTEM VALUE
                SELECT (jsonb_populate_record(
                           j, jsonb_build_object('id', r.id, 'idempotency_key', r.id))).*
                  FROM jobs AS j, unnest(ARRAY[0, -7]) AS r (id) WHERE j.id = 1;
            INSERT INTO jobs_status
                SELECT (jsonb_populate_record(s, jsonb_build_object('job_id', j.id))).*
                  FROM jobs_status AS s, jobs AS j WHERE s.job_id = 1 AND j.id < 1;
            """
        )
        try await withService(database) { client in
            let jobs = try await client.jobs().jobs
            #expect(jobs.map(\.id) == [4, 3, 2, 1])
            // 294246-12-31 and 4713-01-01 BC.
            #expect(jobs[1].createdAtUs == 9_223_371_244_799_999_999)
            #expect(jobs[2].createdAtUs == jobs[1].createdAtUs)
            #expect(jobs[2].updatedAtUs == -210_863_520_000_000_000)
            let events = try await client.jobEvents(.with { $0.jobID = 2 })
            #expect(events.events.map(\.createdAtUs) == [jobs[1].createdAtUs])
            let batch = try await client.jobProgressBatch((1...4).map { PBKnownJob($0) })
            #expect(batch.changed.count == 4 && batch.failed.isEmpty)
        }
    }

    @Test func aJobIsToldAsItIs() async throws {
        let database = try await AmpDatabase.make()
        let job = try await database.addJob(dataset: "eth/main")
        _ = try await database.addTable("logs", of: "eth/main", job: job)
        _ = try await database.addTable("blocks", of: "eth/main", job: job)
        try await database.execute(
            """
            UPDATE jobs SET created_at = '2026-01-02 03:04:05.678901+00';
            UPDATE jobs_status SET updated_at = '2026-01-03 00:00:00+00', node_id = 'other';
            INSERT INTO job_events (job_id, node_id, event_type, detail)
                VALUES (\(job), 'n', 'SCHEDULED', NULL);
            """
        )
        try await withService(database) { client in
            let told = try await client.job(job).job
            #expect(told.createdAtUs == 1_767_323_045_678_901)
            #expect(told.updatedAtUs == 1_767_398_400_000_000)
            #expect(told.nodeID == "other" && told.status == "RUNNING")
            #expect(told.tables == ["blocks", "logs"])
            #expect(told.descriptorJson.contains(#""dataset_namespace":"eth""#))
            #expect(told.datasetNamespace == "eth" && told.datasetName == "main")
            let listed = try await client.jobs().jobs
            #expect(listed == [told])
            let error = await rpcError { try await client.job(job + 1) }
            #expect(error?.reason == "JOB_NOT_FOUND")
        }
    }

    @Test func scopesHideJobsAndWhatBelongsToOtherDatasets() async throws {
        let database = try await AmpDatabase.make()
        let own = try await database.addJob(dataset: "eth/main")
        let foreign = try await database.addJob(dataset: "base/main")
        let unknown = try await database.addJob(dataset: nil)
        let shared = try await database.addTable("blocks", of: "base/main", job: foreign)
        try await database.activate(shared, as: "copy", of: "eth/copy")
        let cases: [(PBScope, [Int64])] = [
            (.everything(details: false), [unknown, foreign, own]),
            (.datasets("eth/main"), [own]), (.datasets("eth/"), [foreign, own]),
            (.datasets("/main"), [foreign, own]), (.datasets("/"), [foreign, own]),
            (.datasets("none/"), []),
        ]
        try await withService(database, role: .gateway) { client in
            for (scope, ids) in cases {
                let options = CallOptions(scope: scope)
                let page = try await client.jobs(.page(limit: 1_000), options: options)
                #expect(page.jobs.map(\.id) == ids)
                for id in [own, foreign, unknown] {
                    let error = await rpcError { try await client.job(id, options: options) }
                    #expect(error?.reason == (ids.contains(id) ? nil : "JOB_NOT_FOUND"))
                }
            }
            let options = CallOptions(scope: .datasets("eth/"))
            let seen = try await client.job(foreign, options: options).job
            #expect(seen.tables == ["copy"])
            #expect(!seen.hasDescriptorJson && seen.datasetName.isEmpty)
            let error = await rpcError { try await client.jobs() }
            #expect(error?.reason == "SCOPE_REQUIRED")
        }
    }

    @Test func whatMakesNoSenseIsRefused() async throws {
        let database = try await AmpDatabase.make()
        try await withService(database) { client in
            let cases: [(PBListJobsRequest, String)] = [
                (.page(limit: 1_001), "LIMIT_TOO_LARGE"),
                (.page(lastJobID: -1), ""),
                (.page(statuses: ["RUNNIG"]), "INVALID_STATUS"),
                (.page(statuses: ["UNKNOWN"]), "INVALID_STATUS"),
            ]
            for (request, reason) in cases {
                let error = await rpcError { try await client.jobs(request) }
                #expect(error?.code == .invalidArgument && error?.reason == reason)
            }
            let error = await rpcError { try await client.job(0) }
            #expect(error?.reason == "INVALID_JOB_ID")
        }
    }

    @Test func aDatabaseThatIsAwayIsToldAtOnce() async throws {
        try await withService(AmpDatabase(conninfo: "host=/nonexistent dbname=amp")) { client in
            let error = await rpcError { try await client.jobs() }
            #expect(error?.reason == "DATABASE_UNAVAILABLE")
        }
    }
}

extension PBListJobsRequest {
    static func page(
        limit: UInt32 = 0,
        lastJobID: Int64 = 0,
        statuses: [String] = []
    ) -> Self {
        .with {
            $0.limit = limit
            $0.lastJobID = lastJobID
            $0.statuses = statuses
        }
    }
}
