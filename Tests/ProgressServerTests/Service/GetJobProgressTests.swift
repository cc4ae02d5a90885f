import ProgressRPC
import TestSupport
import Testing

@testable import ProgressServer

@Suite("GetJobProgress over a socket", .requiresPostgres, .timeLimit(.minutes(2)))
struct GetJobProgressTests {
    @Test func theAnswerHoldsTheCanonicalChainOfEachTable() async throws {
        let database = try await AmpDatabase.make()
        let job = try await database.addJob()
        let blocks = try await database.addTable("blocks", job: job)
        _ = try await database.addTable("a", job: job)
        try await database.addChain(of: 5, to: blocks)
        try await withService(database) { client in
            let progress = try #require(try await client.jobProgress(job))
            #expect(progress.jobID == job)
            #expect(progress.jobStatus == "RUNNING")
            #expect(progress.tables.map(\.name) == ["a", "blocks"])
            #expect(!progress.tables[0].hasCurrentBlock && !progress.tables[0].hasStartBlock)
            #expect(progress.tables[0].filesCount == 0)
            #expect(progress.tables[1].startBlock == 0)
            #expect(progress.tables[1].currentBlock == 49)
            #expect(progress.tables[1].filesCount == 5)
            #expect(progress.tables[1].totalSizeBytes == 500)
            #expect(progress.tables[1].datasetNamespace == "eth")
            #expect(progress.tables[1].datasetName == "main")
            #expect(!progress.hasDetailJson)
            #expect(progress.version.count == 16)
            #expect(!progress.asOf.snapshot.isEmpty)
            #expect(progress.asOf.epoch != 0)
            #expect(progress.asOf.observedAtUs > 1_700_000_000_000_000)
        }
    }

    @Test func aJobWithoutTablesHasNone() async throws {
        let database = try await AmpDatabase.make()
        let job = try await database.addJob(status: "scheduled")
        try await withService(database) { client in
            let progress = try #require(try await client.jobProgress(job))
            #expect(progress.jobStatus == "SCHEDULED")
            #expect(progress.tables.isEmpty)
        }
    }

    @Test func aRevisionThatIsNotActiveIsNoTable() async throws {
        let database = try await AmpDatabase.make()
        let job = try await database.addJob()
        _ = try await database.addTable("blocks", job: job)
        try await database.execute("UPDATE physical_tables SET active_revision_id = NULL")
        try await withService(database) { client in
            let progress = try #require(try await client.jobProgress(job))
            #expect(progress.tables.isEmpty)
        }
    }

    @Test(arguments: [0, -1, .min])
    func aJobIDBelowOneIsInvalid(_ id: Int64) async throws {
        let database = try await AmpDatabase.make()
        try await withService(database) { client in
            let error = await rpcError { try await client.jobProgress(id) }
            #expect(error?.code == .invalidArgument)
            #expect(error?.reason == "INVALID_JOB_ID")
        }
    }

    @Test(arguments: [999_999, .max])
    func anUnknownJobIsNotFound(_ id: Int64) async throws {
        let database = try await AmpDatabase.make()
        try await withService(database) { client in
            let error = await rpcError { try await client.jobProgress(id) }
            #expect(error?.code == .notFound)
            #expect(error?.reason == "JOB_NOT_FOUND")
            #expect(error?.message == "job '\(id)' not found")
        }
    }

    @Test func aKnownVersionIsNotSentAgainUntilTheAnswerChanges() async throws {
        let database = try await AmpDatabase.make()
        let job = try await database.addJob()
        let revision = try await database.addTable("blocks", job: job)
        try await withService(database) { client in
            let first = try #require(try await client.jobProgress(job))
            let known = Array(first.version)
            let unchanged = try await client.jobProgress(job, knownVersion: known)
            #expect(unchanged == nil)
            try await database.addChain(of: 1, to: revision)
            let changed = try #require(try await client.jobProgress(job, knownVersion: known))
            #expect(changed.version != first.version)
            #expect(changed.tables.first?.filesCount == 1)
        }
    }

    @Test func theVersionIsThatOfWhatTheCallerSeesAndOfNothingElse() async throws {
        let database = try await AmpDatabase.make()
        let job = try await database.addJob(dataset: "eth/main")
        let blocks = try await database.addTable("blocks", of: "eth/main", job: job)
        let hidden = try await database.addTable("logs", of: "zeta/copy", job: job)
        try await database.addChain(of: 2, to: blocks)
        let all = CallOptions(scope: .everything(details: true))
        let some = CallOptions(scope: .datasets("eth/main"))
        let known = try await withService(database) { client in
            let first = try #require(try await client.jobProgress(job, options: all))
            let firstOfSome = try #require(try await client.jobProgress(job, options: some))
            #expect(first.version != firstOfSome.version)
            // Moves the snapshot, and what only one of the two may see.
            try await database.addChain(of: 1, to: hidden)
            let second = try #require(try await client.jobProgress(job, options: all))
            let secondOfSome = try #require(try await client.jobProgress(job, options: some))
            #expect(firstOfSome.asOf.snapshot != secondOfSome.asOf.snapshot)
            #expect(firstOfSome.version == secondOfSome.version)
            #expect(first.version != second.version)
            return Array(secondOfSome.version)
        }
        // Another server, another epoch: the same version.
        try await withService(database) { client in
            let later = try await client.jobProgress(job, knownVersion: known, options: some)
            #expect(later == nil)
        }
    }

    @Test(arguments: [#""just text""#, "[1,{}]", "7", "null"])
    func aDetailThatIsNoObjectIsShownAsItIsOrNotAtAll(_ detail: String) async throws {
        let database = try await AmpDatabase.make()
        let job = try await database.addJob(status: "ERROR", detail: detail)
        try await withService(database) { client in
            let full = try await client.jobProgress(job)
            #expect(full?.detailJson == detail.replacing(", ", with: ","))
            let cut = try await client.jobProgress(
                job,
                options: CallOptions(scope: .everything(details: false))
            )
            #expect(cut?.hasDetailJson == false)
        }
    }

    @Test func aWordForTheStatusThatNobodyKnowsIsUnknown() async throws {
        let database = try await AmpDatabase.make()
        let job = try await database.addJob(status: "PAUSED")
        try await withService(database) { client in
            let progress = try #require(try await client.jobProgress(job))
            #expect(progress.jobStatus == "UNKNOWN")
        }
    }

    @Test func aFailureTellsItsReason() async throws {
        let database = try await AmpDatabase.make()
        let detail = #"{"error_code": "E", "error_message": "m", "error_context": {"a": [1]}}"#
        let job = try await database.addJob(status: "FATAL", detail: detail)
        try await withService(database) { client in
            let full = try #require(try await client.jobProgress(job))
            #expect(
                full.detailJson
                    == #"{"error_code":"E","error_context":{"a":[1]},"error_message":"m"}"#
            )
            let cut = try #require(
                try await client.jobProgress(
                    job,
                    options: CallOptions(scope: .everything(details: false))
                )
            )
            #expect(cut.detailJson == #"{"error_code":"E","error_message":"m"}"#)
            #expect(cut.version != full.version)
        }
    }

    @Test func aMigratedFailureWithoutReasonIsNoError() async throws {
        let database = try await AmpDatabase.make()
        let job = try await database.addJob(status: "ERROR")
        try await database.execute(
            """
            INSERT INTO job_events (job_id, node_id, event_type, detail)
            VALUES (\(job), 'n', 'ERROR', NULL)
            """
        )
        try await withService(database) { client in
            let progress = try #require(try await client.jobProgress(job))
            #expect(progress.jobStatus == "ERROR")
            #expect(!progress.hasDetailJson)
        }
    }

    @Test func theDeadlineOfACallCancelsItsStatement() async throws {
        let database = try await AmpDatabase.make()
        let job = try await database.addJob()
        _ = try await database.addTable("blocks", job: job)
        let lock = try await TableLock(on: "file_metadata", in: database)
        try await withService(database) { client in
            let options = CallOptions(timeout: .milliseconds(500))
            let error = await rpcError { try await client.jobProgress(job, options: options) }
            #expect(error?.code == .deadlineExceeded)
            let isOver = try await eventually { try await database.waitingSessionCount() == 0 }
            #expect(isOver)
            try await lock.release()
            let progress = try await client.jobProgress(job)
            #expect(progress?.tables.count == 1)
        }
    }

    @Test func aLockedTableHoldsUpThoseWhoNeedItAndNobodyElse() async throws {
        let database = try await AmpDatabase.make()
        let known = try await database.addJob()
        let unknown = try await database.addJob()
        for job in [known, unknown] { _ = try await database.addTable("t\(job)", job: job) }
        try await withService(database) { client in
            _ = try await client.jobProgress(known)
            let lock = try await TableLock(on: "file_metadata", in: database)
            async let late = client.jobProgress(unknown)
            for _ in 1...20 { #expect(try await client.jobProgress(known) != nil) }
            // Nobody waits in the database: a queue for the lock would hold up Amp's own readers.
            #expect(try await database.waitingSessionCount() == 0)
            try await lock.release()
            #expect(try await late?.tables.count == 1)
        }
    }
}
