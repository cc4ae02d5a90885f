import ProgressPostgres
import ProgressRPC
import SwiftProtobuf
import TestSupport
import Testing

@testable import ProgressServer

@Suite("Amp's earlier releases", .requiresPostgres, .timeLimit(.minutes(2)))
struct OlderEraTests {
    @Test(arguments: OlderEra.allCases)
    func progressAndListsAreAnsweredAsTheyStand(_ era: OlderEra) async throws {
        let status = era == .d ? "FAILED_RECOVERABLE" : "FAILED"
        let database = try await AmpDatabase.make(era, status: status)
        try await database.addChain(of: 3, to: 1)
        try await withService(database) { client in
            let progress = try #require(try await client.jobProgress(1))
            #expect(progress.jobStatus == status)
            #expect(progress.tables.map(\.name) == ["blocks"])
            #expect(progress.tables.first?.filesCount == 3)
            #expect(progress.tables.first?.currentBlock == 29)
            try await database.addChain(of: 1, to: 1)
            let next = try await client.jobProgress(1)
            #expect(next?.tables.first?.filesCount == 4)

            let listed = try await client.jobs(.page(statuses: [status])).jobs
            #expect(listed.map(\.id) == [1] && listed.first?.tables == ["blocks"])
            #expect(listed.first?.descriptorJson.hasPrefix(#"{"Dump":{"#) == true)
            #expect(listed.first?.datasetName == "main")
            let ofDataset = try await client.datasetJobs(.of("eth", "main", "0.0.0"))
            #expect(ofDataset.jobs == listed && ofDataset.manifestHash == OlderEra.sampleHash)
            let events = try await client.jobEvents(.with { $0.jobID = 1 })
            #expect(events.events.isEmpty)
            let event = await rpcError { try await client.jobEvent(1, of: 1) }
            #expect(event?.reason == "EVENT_NOT_FOUND")
            let health = try await client.health()
            #expect(health.schemaEra == era.rawValue && health.currency == "scan")
        }
    }

    @Test func aScopeIsAppliedThereToo() async throws {
        for era in OlderEra.allCases {
            let database = try await AmpDatabase.make(era)
            try await withService(database, role: .gateway) { client in
                for (scope, ids) in [(PBScope.datasets("eth/"), [1]), (.datasets("base/"), [])] {
                    let options = CallOptions(scope: scope)
                    let jobs = try await client.jobs(options: options).jobs
                    #expect(jobs.map(\.id) == ids.map(Int64.init))
                }
            }
        }
    }

    @Test func aFileWithoutThePreviousHashIsReadAndLinksToNothing() async throws {
        let database = try await AmpDatabase.make(.c)
        for (start, hash) in [(0, "1"), (10, "2")] {
            // As v0.0.35 wrote those of Solana.
            _ = try await database.addFile(
                """
                {"table": "blocks", "filename": "f", "created_at": {"secs": 1, "nanos": 0},
                 "ranges": [{"numbers": {"start": \(start), "end": \(start + 9)},
                             "network": "solana-mainnet", "prev_hash": null,
                             "hash": "0x\(String(repeating: hash, count: 64))"}]}
                """,
                to: 1
            )
        }
        try await withService(database) { client in
            let progress = try await client.jobProgress(1)
            #expect(progress?.tables.first?.filesCount == 1)
            #expect(progress?.tables.first?.currentBlock == 9)
        }
    }

    @Test func anUpgradeUnderARunningServerIsAdopted() async throws {
        let database = try await AmpDatabase.make(.e, status: "ERROR")
        try await withService(.init(conninfo: database.conninfo)) { engine, client in
            let before = try await client.jobProgress(1)
            #expect(before?.jobStatus == "ERROR" && before?.detailJson == "")
            try await database.execute(
                """
                BEGIN;
                CREATE TABLE jobs_status (job_id bigint PRIMARY KEY REFERENCES jobs ON DELETE CASCADE,
                    node_id text NOT NULL, status text NOT NULL,
                    updated_at timestamptz NOT NULL DEFAULT now(), detail jsonb);
                INSERT INTO jobs_status (job_id, node_id, status) SELECT id, node_id, 'RUNNING' FROM jobs;
                INSERT INTO job_events (job_id, node_id, event_type, detail)
                    SELECT id, node_id, 'SCHEDULED', descriptor FROM jobs;
                COMMIT;
                """
            )
            // The status of the old place stands there still, and is not told any more.
            let after = try await client.jobProgress(1)
            #expect(after?.jobStatus == "RUNNING")
            let listed = try await client.jobs().jobs
            #expect(listed.first?.status == "RUNNING" && listed.first?.datasetName == "main")
            #expect(engine.health.era == .f)
            try await database.execute(AmpSchema.dropStaleJobColumnsScript)
            let last = try await client.jobProgress(1)
            #expect(last?.jobStatus == "RUNNING")
        }
    }

    @Test func eventsAreThereAsSoonAsTheEraHasThem() async throws {
        let database = try await AmpDatabase.make(.d)
        try await withService(database) { client in
            let before = try await client.jobEvents(.with { $0.jobID = 1 })
            #expect(before.events.isEmpty)
            try await database.execute(
                """
                CREATE TABLE job_events (id bigint GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY,
                    created_at timestamptz NOT NULL DEFAULT now(), job_id bigint NOT NULL,
                    node_id text NOT NULL, event_type text NOT NULL, detail jsonb);
                INSERT INTO job_events (job_id, node_id, event_type) VALUES (1, 'n', 'RUNNING');
                """
            )
            for _ in 1...4 {
                let after = try await client.jobEvents(.with { $0.jobID = 1 })
                #expect(after.events.map(\.eventType) == ["RUNNING"])
            }
        }
    }

    @Test func theSplitOfTablesUnderARunningServerIsAdopted() async throws {
        let database = try await AmpDatabase.make(.c)
        try await database.addChain(of: 2, to: 1)
        try await withService(.init(conninfo: database.conninfo)) { engine, client in
            let before = try await client.jobProgress(1)
            #expect(before?.tables.first?.filesCount == 2)
            try await database.execute(
                """
                BEGIN;
                CREATE TABLE physical_table_revisions (id bigint PRIMARY KEY, path text NOT NULL,
                    writer bigint, metadata jsonb NOT NULL DEFAULT '{}');
                INSERT INTO physical_table_revisions (id, path, writer)
                    SELECT id, path, writer FROM physical_tables;
                ALTER TABLE physical_tables ADD active_revision_id bigint;
                UPDATE physical_tables SET active_revision_id = id WHERE active;
                ALTER TABLE physical_tables DROP active, DROP path, DROP writer;
                COMMIT;
                """
            )
            let after = try await client.jobProgress(1)
            #expect(after?.tables.first?.filesCount == 2)
            #expect(engine.health.era == .d)
        }
    }
}
