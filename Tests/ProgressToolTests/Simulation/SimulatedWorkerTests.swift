import ProgressChain
import ProgressPostgres
import TestSupport
import Testing

@testable import ProgressTool

@Suite("A simulated worker on a database", .requiresPostgres, .timeLimit(.minutes(2)))
struct SimulatedWorkerTests {
    private func settings(endBlock: Int64) -> SimulatedWorker.Settings {
        var settings = SimulatedWorker.Settings()
        settings.fileRate = 5_000
        settings.pace.roundsPerCompaction = 2
        settings.pace.roundsPerReorganisation = 3
        settings.endBlock = endBlock
        settings.collectionDelay = .milliseconds(1)
        return settings
    }

    /// Works until the job is complete; on a thread of its own, as the worker blocks.
    private func work(
        _ conninfo: String,
        _ settings: SimulatedWorker.Settings,
        stopped: Bool = false
    ) async throws -> SimulatedWorker.Counts {
        try await DedicatedThread.run(named: "test-worker") {
            let database = AmpDatabase(session: try PostgresSession(conninfo: conninfo))
            let dataset = try SimulatedDataset(namespace: "test", name: "chain")
            let job = try database.transaction { () throws(PostgresError) in
                try database.job(writing: dataset, tables: SimulatedDataset.tables, on: "test")
            }
            let stop = try Event()
            if stopped { stop.happen() }
            var worker = SimulatedWorker(database: database, job: job, settings: settings)
            try worker.run(until: stop)
            return worker.counts
        }
    }

    @Test("It completes the job on one chain a table, and a second one continues where it ended")
    func completesAndContinues() async throws {
        let conninfo = try await TemporaryPostgres.makeDatabase()
        let first = try await self.work(conninfo, self.settings(endBlock: 20_000))
        #expect(first.appended > 30)
        #expect(first.compacted > 0)
        #expect(first.reorganised > 0)
        let before = try await self.lastBlocks(conninfo)
        #expect(before.allSatisfy { $0 >= 20_000 })

        _ = try await self.work(conninfo, self.settings(endBlock: 40_000))
        let after = try await self.lastBlocks(conninfo)
        #expect(after.allSatisfy { $0 >= 40_000 })
        let types = try await self.strings(
            conninfo,
            "SELECT event_type FROM job_events ORDER BY id"
        )
        #expect(
            types == [
                "SCHEDULED", "RUNNING", "COMPLETED", "SCHEDULED", "RUNNING", "COMPLETED",
            ]
        )
    }

    @Test("Told to stop, it leaves the job running for the next")
    func stops() async throws {
        let conninfo = try await TemporaryPostgres.makeDatabase()
        let counts = try await self.work(conninfo, self.settings(endBlock: 1), stopped: true)
        #expect(counts == SimulatedWorker.Counts())
        #expect(try await self.strings(conninfo, "SELECT status FROM jobs_status") == ["RUNNING"])
    }

    @Test("A job that is asked to stop goes through STOPPING to STOPPED")
    func stopRequested() async throws {
        let conninfo = try await TemporaryPostgres.makeDatabase()
        _ = try await self.work(conninfo, self.settings(endBlock: 1), stopped: true)
        try await DedicatedThread.run(named: "test") {
            try PostgresSession(conninfo: conninfo).execute(
                """
                CREATE FUNCTION ask() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
                    UPDATE jobs_status SET status = 'STOP_REQUESTED' WHERE status = 'RUNNING';
                    RETURN NULL; END $$;
                CREATE TRIGGER ask AFTER INSERT ON file_metadata EXECUTE FUNCTION ask();
                """
            )
        }
        _ = try await self.work(conninfo, self.settings(endBlock: .max))
        let types = try await self.strings(
            conninfo,
            "SELECT event_type FROM job_events ORDER BY id DESC LIMIT 2"
        )
        #expect(types == ["STOPPED", "STOPPING"])
        #expect(try await self.strings(conninfo, "SELECT status FROM jobs_status") == ["STOPPED"])
    }

    @Test("A job that is not there ends with status 3, a database that is not with 5")
    func missing() async throws {
        let conninfo = try await TemporaryPostgres.makeDatabase()
        let common = ["worker", "simulate", "--duration", "1s", "--database"]
        #expect(try await runCommand(common + [conninfo, "--job", "9"]).status == .notFound)
        #expect(try await runCommand(common + [conninfo]).status == .notFound)
        let nowhere = try await runCommand(common + ["host=/nonexistent password=sekrit"])
        #expect(nowhere.status == .unavailable)
        #expect(!nowhere.notes.contains("sekrit"))
    }

    /// The last block of each table by the server's rules, after checking that it starts at 0.
    private func lastBlocks(_ conninfo: String) async throws -> [Int64] {
        try await DedicatedThread.run(named: "test-read") {
            let session = try PostgresSession(conninfo: conninfo)
            return try (Int64(1)...3).map { revision in
                let range = try summary(ofRevision: revision, in: session).syncedRange
                #expect(range?.startBlock == 0)
                return range?.currentBlock ?? -1
            }
        }
    }

    private func strings(_ conninfo: String, _ sql: String) async throws -> [String?] {
        try await DedicatedThread.run(named: "test-read") {
            try PostgresSession(conninfo: conninfo).strings(sql)
        }
    }
}
