import ProgressRPC
import Synchronization
import TestSupport
import Testing

@testable import ProgressServer

@Suite("What cannot be read", .requiresPostgres, .timeLimit(.minutes(2)))
struct FailedReadTests {
    /// A database in which a reader's statement fails when it meets a file of one revision.
    private static func makeDatabase(spoiling revision: (SampleJob) -> Int64) async throws -> (
        reader: AmpDatabase, owner: AmpDatabase, spoilt: SampleJob, sound: Int64
    ) {
        let owner = try await AmpDatabase.make()
        let spoilt = try await owner.addSampleJob(fileCount: 3)
        let sound = try await owner.addJob()
        _ = try await owner.addTable("other", job: sound)
        let role = try await owner.makeRole("GRANT SELECT ON ALL TABLES IN SCHEMA public TO")
        try await owner.execute(
            """
            CREATE FUNCTION public.spoilt(bigint) RETURNS boolean LANGUAGE plpgsql
                AS 'BEGIN RAISE EXCEPTION ''secret %'', $1; END';
            CREATE POLICY all_but_one ON file_metadata
                USING (CASE WHEN location_id = \(revision(spoilt)) THEN public.spoilt(id) ELSE true END);
            ALTER TABLE file_metadata ENABLE ROW LEVEL SECURITY;
            """
        )
        return (AmpDatabase(conninfo: "\(owner.conninfo) user=\(role)"), owner, spoilt, sound)
    }

    @Test func aTableThatFailsIsToldByNameAndSpoilsNoOtherJobOfTheBatch() async throws {
        let (reader, owner, spoilt, sound) = try await Self.makeDatabase { $0.logs }
        try await withService(.init(conninfo: reader.conninfo)) { _, client in
            let error = await rpcError { try await client.jobProgress(spoilt.job) }
            #expect(error?.reason == "SNAPSHOT_TABLE_ERROR")
            #expect(error?.details["table"] == "logs")
            #expect(error?.message.contains("secret") == false)
            let batch = try await client.jobProgressBatch(
                [spoilt.job, sound].map { PBKnownJob($0) }
            )
            #expect(batch.changed.map(\.jobID) == [sound])
            #expect(batch.failed.map(\.jobID) == [spoilt.job])
            #expect(batch.failed.first?.error.reason == "SNAPSHOT_TABLE_ERROR")
            try await owner.execute("DROP POLICY all_but_one ON file_metadata")
            try await owner.execute("ALTER TABLE file_metadata DISABLE ROW LEVEL SECURITY")
            #expect(try await client.numbers(of: spoilt.job)["logs"] == TableNumbers(3))
        }
    }

    @Test(arguments: [true, false])
    func aChangedRowThatFailsSpoilsNoOtherRequestOfItsRound(_ isTracked: Bool) async throws {
        let owner = try await AmpDatabase.make()
        let spoilt = try await owner.addSampleJob(fileCount: 3)
        let sound = try await owner.addJob()
        let other = try await owner.addTable("other", job: sound)
        try await owner.execute(
            """
            CREATE TABLE public.poison (file bigint);
            CREATE FUNCTION public.is_sound(bigint) RETURNS boolean LANGUAGE plpgsql AS $$
            BEGIN
                IF EXISTS (SELECT FROM public.poison WHERE file = $1) THEN RAISE 'poison'; END IF;
                RETURN true;
            END $$;
            CREATE POLICY sound ON file_metadata USING (public.is_sound(id));
            ALTER TABLE file_metadata ENABLE ROW LEVEL SECURITY;
            """
        )
        let role = try await owner.makeRole("GRANT SELECT ON ALL TABLES IN SCHEMA public TO")
        if isTracked { _ = try await owner.track(.install(readers: [role])) }
        let conninfo = "\(owner.conninfo) user=\(role)"
        try await withService(.init(conninfo: conninfo)) { _, client in
            for job in [spoilt.job, sound] { _ = try await client.jobProgress(job) }
            try await owner.addChain(of: 1, to: other)
            try await owner.addChain(of: 1, to: spoilt.logs)
            try await owner.execute("INSERT INTO poison SELECT max(id) FROM file_metadata")
            for _ in 1...3 {
                async let fails = rpcError { try await client.jobProgress(spoilt.job) }
                async let succeeds = client.numbers(of: sound)
                #expect(try await succeeds["other"] == TableNumbers(1))
                #expect(await fails?.code == .internalError)
            }
            try await owner.execute("DELETE FROM poison")
            #expect(try await client.numbers(of: spoilt.job)["logs"] == TableNumbers(4))
        }
    }

    @Test func aRightToTheLogThatIsRevokedCostsTheLogAndNoAnswer() async throws {
        let database = try await AmpDatabase.make()
        let role = try await database.makeRole("GRANT SELECT ON ALL TABLES IN SCHEMA public TO")
        _ = try await database.track(.install(readers: [role]))
        let job = try await database.addSampleJob(fileCount: 2)
        var configuration = ProgressEngine.Configuration(
            conninfo: "\(database.conninfo) user=\(role)"
        )
        configuration.trackingCheckInterval = .zero
        configuration.idleInterval = .milliseconds(20)
        try await withService(configuration) { engine, client in
            #expect(try await client.numbers(of: job.job)["blocks"] == TableNumbers(2))
            #expect(engine.counts.currency == .log)
            let rounds = engine.counts.roundCount
            try await database.execute("REVOKE SELECT ON progress.log FROM \(role)")
            for count in 3...6 as ClosedRange<Int64> {
                try await database.addChain(of: 1, to: job.blocks)
                #expect(try await client.numbers(of: job.job)["blocks"] == TableNumbers(count))
            }
            #expect(engine.counts.currency == .scan)
            // It did not ask again and again.
            #expect(engine.counts.roundCount - rounds < 200)
            _ = try await database.track(.install(readers: [role]))
            #expect(try await eventually { engine.counts.currency == .log })
            #expect(try await client.numbers(of: job.job)["blocks"] == TableNumbers(6))
        }
    }

    @Test func aLogThatIsEmptiedByHandIsNoticed() async throws {
        let database = try await AmpDatabase.make()
        _ = try await database.track(.install(readers: []))
        let job = try await database.addSampleJob(fileCount: 2)
        try await withService(.init(conninfo: database.conninfo)) { engine, client in
            #expect(try await client.numbers(of: job.job)["blocks"] == TableNumbers(2))
            try await database.addChain(of: 1, to: job.blocks)
            try await database.execute("TRUNCATE progress.log")
            #expect(try await client.numbers(of: job.job)["blocks"] == TableNumbers(3))
            #expect(engine.counts.currency == .log)
        }
    }

    @Test func thoseWhoAskForWhatDoesNotFitShareAReadAndMayWaitForAChange() async throws {
        let database = try await AmpDatabase.make()
        let job = try await database.addSampleJob(fileCount: 4_000)
        var configuration = ProgressEngine.Configuration(conninfo: database.conninfo)
        configuration.cacheByteLimit = 128 << 10
        configuration.loaderCount = 1
        configuration.idleInterval = .milliseconds(50)
        try await withService(configuration) { engine, client in
            try await withThrowingTaskGroup(of: Int64?.self) { group in
                for _ in 1...40 {
                    group.addTask {
                        try await client.jobProgress(job.job)?.tables.first?.filesCount
                    }
                }
                for try await count in group { #expect(count == 4_000) }
            }
            let count = engine.context.directReadCount.load(ordering: .relaxed)
            #expect((1...20).contains(count), "\(count) reads")
            let first = try #require(try await client.jobProgress(job.job))
            let known = Array(first.version)
            #expect(
                try await client.jobProgress(
                    job.job,
                    knownVersion: known,
                    wait: .milliseconds(30)
                ) == nil
            )
            async let changed = client.jobProgress(job.job, knownVersion: known, wait: .seconds(30))
            try await database.addChain(of: 1, to: job.blocks)
            #expect(try await changed?.tables.first { $0.name == "blocks" }?.filesCount == 4_001)
            async let drained = rpcError {
                let now = try await client.jobProgress(job.job)
                return try await client.jobProgress(
                    job.job,
                    knownVersion: now.map { Array($0.version) } ?? [],
                    wait: .seconds(30)
                )
            }
            let reads = engine.context.directReadCount.load(ordering: .relaxed)
            let isWaiting = try await eventually {
                engine.context.directReadCount.load(ordering: .relaxed) > reads + 1
            }
            #expect(isWaiting)
            engine.beginDrain()
            #expect(await drained?.reason == "DRAINING")
        }
    }
}
