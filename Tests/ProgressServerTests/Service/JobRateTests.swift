import ProgressRPC
import SwiftProtobuf
import TestSupport
import Testing

@testable import ProgressServer

@Suite("Rate, time to go and standstill", .requiresPostgres, .timeLimit(.minutes(2)))
struct JobRateTests {
    @Test func aBoundedJobHasPercentRateAndTimeToGo() async throws {
        let database = try await AmpDatabase.make()
        let (job, revision) = try await database.makeBoundedJob(end: "399")
        try await database.addChain(of: 10, to: revision)
        let newest = try await database.makeFilesNew()
        try await withService(database) { client in
            let answer = try await client.outlook(of: job)
            #expect(answer.tables.first?.currentBlock == 99 && !answer.asOf.snapshot.isEmpty)
            let table = try #require(answer.outlook.tables.first)
            #expect(table.endBlock == 399 && table.percent == 25)
            // Ten blocks a file, one file a second.
            #expect(table.blocksPerSecond == 10 && table.etaSeconds == 30)
            #expect(table.lastFileAtUs == newest && table.revision == revision)
            #expect(table.missing.ranges.map { [$0.startBlock, $0.endBlock] } == [[100, 399]])
            #expect(!table.hasFork && table.networks.isEmpty && table.missing.omitted == 0)
            let outlook = answer.outlook
            #expect(outlook.percent == 25 && outlook.etaSeconds == 30)
            #expect(outlook.datasetNamespace == "eth" && outlook.datasetName == "main")
            #expect(!outlook.hasStalledSinceUs && outlook.lastFileAtUs == newest)
            #expect(table.hasMissing)
        }
    }

    @Test func aJobThatStandsStillHasNeitherRateNorTimeToGo() async throws {
        let database = try await AmpDatabase.make()
        let (job, revision) = try await database.makeBoundedJob(end: "399")
        // The files are of 2023.
        try await database.addChain(of: 10, to: revision)
        let idle = try await database.addJob()
        try await withService(database) { client in
            // It has just been started.
            let started = try await client.outlook(of: job).outlook
            #expect(!started.hasStalledSinceUs && started.percent == 25)
            #expect(!started.hasEtaSeconds && !started.tables[0].hasBlocksPerSecond)
            try await database.execute(
                "UPDATE jobs_status SET updated_at = '2023-11-14 22:13:00+00'"
            )
            let stalled = try await client.outlook(of: job).outlook
            #expect(stalled.stalledSinceUs == 1_700_000_009_000_000)
            #expect(!stalled.hasEtaSeconds && !stalled.tables[0].hasBlocksPerSecond)
            // Without any file it stands still since it began.
            let never = try await client.outlook(of: idle).outlook
            #expect(never.stalledSinceUs == 1_699_999_980_000_000 && !never.hasLastFileAtUs)
            try await database.execute("UPDATE jobs_status SET status = 'COMPLETED'")
            let done = try await client.outlook(of: job).outlook
            #expect(!done.hasStalledSinceUs && !done.tables[0].hasBlocksPerSecond)
        }
    }

    @Test(
        "Files beside the chain tell neither that it grows nor how fast",
        arguments: [true, false]
    )
    func aChainThatStandsStillHasNoRate(isHole: Bool) async throws {
        let database = try await AmpDatabase.make()
        let (job, revision) = try await database.makeBoundedJob(end: "399")
        try await database.addChain(of: 5, to: revision)
        // New files, behind a hole or linked to nothing, hours after the last of the chain.
        let first: Int64 = isHole ? 6 : 5
        try await database.execute(AmpDatabase.chainScript(first..<first + 5, of: revision))
        try await database.execute(
            """
            UPDATE file_metadata SET metadata = jsonb_set(jsonb_set(metadata,
                '{created_at,secs}', to_jsonb(extract(epoch FROM now())::bigint - 10 + id % 10)),
                '{ranges,0,prev_hash}', CASE id WHEN 6 THEN 'null'::jsonb
                    ELSE metadata -> 'ranges' -> 0 -> 'prev_hash' END) WHERE id > 5
            """
        )
        try await withService(database) { client in
            let answer = try await client.outlook(of: job)
            let table = try #require(answer.outlook.tables.first)
            #expect(answer.tables.first?.currentBlock == 49 && table.percent == 12.5)
            #expect(!table.hasBlocksPerSecond && !table.hasEtaSeconds)
            #expect(!answer.outlook.hasEtaSeconds && !answer.outlook.hasStalledSinceUs)
        }
    }

    @Test("A compaction of earlier files is no growth")
    func compaction() async throws {
        let database = try await AmpDatabase.make()
        let (job, revision) = try await database.makeBoundedJob(end: "399")
        try await database.addChain(of: 10, to: revision)
        try await database.execute(
            """
            UPDATE file_metadata SET metadata = jsonb_set(metadata, '{created_at,secs}',
                to_jsonb(extract(epoch FROM now())::bigint - 60 + id)) WHERE id < 4
            """
        )
        try await withService(database) { client in
            let outlook = try await client.outlook(of: job).outlook
            #expect(outlook.percent == 25 && !outlook.hasEtaSeconds)
            #expect(!outlook.tables[0].hasBlocksPerSecond)
        }
    }

    @Test("A clock that is far ahead tells nothing", arguments: [600, 86_400])
    func aFileOfTheFuture(secondsAhead: Int64) async throws {
        let database = try await AmpDatabase.make()
        let (job, revision) = try await database.makeBoundedJob(end: "399")
        try await database.addChain(of: 10, to: revision)
        _ = try await database.makeFilesNew()
        try await database.execute(
            """
            UPDATE file_metadata SET metadata = jsonb_set(metadata, '{created_at,secs}',
                to_jsonb((metadata -> 'created_at' ->> 'secs')::bigint + \(secondsAhead)))
            """
        )
        try await withService(database) { client in
            let outlook = try await client.outlook(of: job).outlook
            #expect(outlook.hasEtaSeconds == (secondsAhead == 600))
            #expect(outlook.tables[0].hasBlocksPerSecond == (secondsAhead == 600))
            #expect(!outlook.hasStalledSinceUs)
        }
    }

    @Test("What is said to have no data has no rate")
    func noData() async throws {
        let database = try await AmpDatabase.make()
        let (job, revision) = try await database.makeBoundedJob(end: "399")
        try await database.execute(AmpDatabase.chainScript(1..<9, of: revision))
        _ = try await database.makeFilesNew()
        let catalog = ManifestCatalog()
        _ = catalog.insert(Manifest(tables: ["blocks"], startBlock: 5), hash: "h")
        try await withService(database, configure: { $0.manifests = catalog }) { client in
            let answer = try await client.outlook(of: job)
            #expect(answer.tables.first?.hasCurrentBlock == false)
            #expect(answer.outlook.tables.first?.hasBlocksPerSecond == false)
        }
    }

    @Test("Nothing is said of a standstill if a file cannot be decoded")
    func unreadable() async throws {
        let database = try await AmpDatabase.make()
        let (job, revision) = try await database.makeBoundedJob(end: "399")
        try await database.addChain(of: 2, to: revision)
        _ = try await database.addFile("[]", to: revision)
        try await database.execute("UPDATE jobs_status SET updated_at = '2023-11-14 22:13:00+00'")
        try await withService(database) { client in
            let outlook = try await client.outlook(of: job).outlook
            #expect(outlook.tables.first?.unreadable.files.count == 1)
            #expect(!outlook.hasStalledSinceUs)
        }
    }
}
