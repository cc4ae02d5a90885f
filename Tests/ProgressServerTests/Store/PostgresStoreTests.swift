import ProgressChain
import TestSupport
import Testing

@testable import ProgressServer

@Suite(.requiresPostgres, .timeLimit(.minutes(2)))
struct PostgresStoreTests {
    @Test func aJobIsReadWithItsTablesAndTheirFiles() async throws {
        let database = try await AmpDatabase.make()
        let job = try await database.addJob()
        let blocks = try await database.addTable("blocks", job: job)
        let logs = try await database.addTable("logs", job: job)
        try await database.addChain(of: 3, to: blocks)
        try await withStore(database.conninfo) { store in
            let reading = try await store.reading(of: job)
            let plan = try #require(reading.plan)
            #expect(plan.status == "RUNNING")
            #expect(plan.dataset == DatasetName(namespace: "eth", name: "main"))
            #expect(Set(plan.tables.map(\.name)) == ["blocks", "logs"])
            #expect(reading.fileCount(of: blocks) == 3)
            #expect(reading.fileCount(of: logs) == 0)
            #expect(reading.snapshot.xmax >= reading.snapshot.xmin)
        }
    }

    @Test func onlyTheFilesOfChosenTablesAreRead() async throws {
        let database = try await AmpDatabase.make()
        let job = try await database.addJob()
        let blocks = try await database.addTable("blocks", job: job)
        let logs = try await database.addTable("logs", job: job)
        try await withStore(database.conninfo) { store in
            let reading = try await store.reading(of: job) { plan in
                plan.tables.filter { $0.name == "logs" }
            }
            #expect(reading.outcomes.keys.map(\.rawValue) == [logs])
            #expect(
                reading.plan?.tables.map(\.revision.rawValue).sorted() == [blocks, logs].sorted()
            )
        }
    }

    @Test func aJobWithoutItsRowInJobsStatusDoesNotExist() async throws {
        let database = try await AmpDatabase.make()
        let job = try await database.addJob()
        try await database.execute("DELETE FROM jobs_status")
        try await withStore(database.conninfo) { store in
            for id in [job, 999_999] {
                let reading = try await store.reading(of: id)
                #expect(reading.plan == nil)
            }
        }
    }

    @Test func theDatasetOfAnOldDescriptorIsOneLevelDeeper() async throws {
        let database = try await AmpDatabase.make()
        let job = try await database.addJob(dataset: nil)
        try await database.execute(
            """
            INSERT INTO job_events (job_id, node_id, event_type, detail) VALUES
                (\(job), 'n', 'SCHEDULED',
                 '{"Dump": {"dataset_namespace": "sol", "dataset_name": "old"}}'),
                (\(job), 'n', 'SCHEDULED', NULL)
            """
        )
        try await withStore(database.conninfo) { store in
            let plan = try await store.reading(of: job).plan
            #expect(plan?.dataset == DatasetName(namespace: "sol", name: "old"))
        }
    }

    @Test(arguments: ["7", "[]", "{}", #"{"dataset_namespace": "x"}"#, #"{"Dump": 3}"#])
    func aDescriptorThatNamesNoDatasetIsNoError(_ descriptor: String) async throws {
        let database = try await AmpDatabase.make()
        let job = try await database.addJob(dataset: nil)
        try await database.execute(
            """
            INSERT INTO job_events (job_id, node_id, event_type, detail)
            VALUES (\(job), 'n', 'SCHEDULED', '\(descriptor)')
            """
        )
        try await withStore(database.conninfo) { store in
            let plan = try #require(try await store.reading(of: job).plan)
            #expect(plan.dataset == nil)
        }
    }

    @Test func theDetailIsThatOfTheNewestEventOfThePresentStatus() async throws {
        let database = try await AmpDatabase.make()
        let failed = try await database.addJob(status: "error", detail: #"{"a": "x: y, \" z"}"#)
        let migrated = try await database.addJob(status: "ERROR")
        let running = try await database.addJob(status: "RUNNING", detail: #"{"a": 1}"#)
        try await database.execute(
            """
            INSERT INTO job_events (job_id, node_id, event_type, detail) VALUES
                (\(failed), 'n', 'RUNNING', '{"b": 2}'), (\(migrated), 'n', 'ERROR', NULL)
            """
        )
        try await withStore(database.conninfo) { store in
            var details: [String?] = []
            for job in [failed, migrated, running] {
                details.append(try await store.reading(of: job).plan?.detail)
            }
            #expect(details == [#"{"a":"x: y, \" z"}"#, nil, nil])
        }
    }

    @Test func theUndecodableRowWithTheLowestNumberIsNamed() async throws {
        let database = try await AmpDatabase.make()
        let job = try await database.addJob()
        let revision = try await database.addTable("blocks", job: job)
        try await database.addChain(of: 2, to: revision)
        let broken = try await database.addFile(#"{"table": 1}"#, to: revision)
        _ = try await database.addFile("[]", size: nil, to: revision)
        try await withStore(database.conninfo) { store in
            let reading = try await store.reading(of: job)
            guard case .undecodable(let file) = reading.outcomes[RevisionID(rawValue: revision)]
            else {
                Issue.record("an undecodable row spoils its table")
                return
            }
            #expect(file.id == FileID(rawValue: broken))
        }
    }

    @Test("A commit between the two round trips is not seen by the second")
    func oneAnswerIsOfOneMoment() async throws {
        let database = try await AmpDatabase.make()
        let job = try await database.addJob()
        let revision = try await database.addTable("blocks", job: job)
        try await database.addChain(of: 2, to: revision)
        try await withStore(database.conninfo) { store in
            let before = try await store.reading(of: job) { plan in
                // On the store's thread, between the trips: what is committed here is too late.
                let isChanged = Result {
                    try database.onThisThread(
                        """
                        DELETE FROM file_metadata WHERE location_id = \(revision);
                        UPDATE jobs_status SET status = 'COMPLETED' WHERE job_id = \(job);
                        """
                    )
                }
                guard case .success = isChanged else { return [] }
                return plan.tables
            }
            #expect(before.plan?.status == "RUNNING")
            #expect(before.fileCount(of: revision) == 2)
            let after = try await store.reading(of: job)
            #expect(after.plan?.status == "COMPLETED")
            #expect(after.fileCount(of: revision) == 0)
        }
    }

    @Test func aChangedColumnTypeCostsOneRetryAndNoError() async throws {
        let database = try await AmpDatabase.make()
        let job = try await database.addJob()
        try await withStore(database.conninfo, connectionCount: 1) { store in
            _ = try await store.reading(of: job)
            try await database.execute("ALTER TABLE jobs_status ALTER status TYPE varchar(40)")
            #expect(try await store.reading(of: job).plan?.status == "RUNNING")
            try await database.execute("ALTER TABLE file_metadata ADD COLUMN another text")
            #expect(try await store.reading(of: job).plan?.status == "RUNNING")
        }
    }
}
