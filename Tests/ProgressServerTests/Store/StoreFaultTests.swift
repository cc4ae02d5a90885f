import Glibc
import ProgressPostgres
import Synchronization
import TestSupport
import Testing

@testable import ProgressServer

@Suite("The store when PostgreSQL fails", .requiresPostgres, .timeLimit(.minutes(3)))
struct StoreFaultTests {
    @Test func aLockThatIsHeldEndsInTheDeadlineAndTheStatementIsCancelled() async throws {
        let database = try await AmpDatabase.make()
        let job = try await database.addJob()
        _ = try await database.addTable("blocks", job: job)
        let lock = try await TableLock(on: "file_metadata", in: database)
        try await withStore(database.conninfo) { store in
            let start = ContinuousClock.now
            let error = await storeError {
                try await store.reading(of: job, within: .milliseconds(300))
            }
            #expect(error?.kind == .deadlineExceeded)
            #expect(start.duration(to: .now) < .seconds(2))
            #expect(try await eventually { try await database.waitingSessionCount() == 0 })
            try await lock.release()
            #expect(try await store.reading(of: job).plan != nil)
        }
    }

    /// A migration has a table that a read waits for, and wants one that the read has.
    ///
    /// It comes to that when the read, if it still waited, would have looked for deadlocks already.
    @Test func aMigrationIsNoVictimOfAReadThatWaits() async throws {
        let database = try await AmpDatabase.make()
        let job = try await database.addJob()
        try await database.execute(
            """
            DO $$ BEGIN
                EXECUTE format('ALTER DATABASE %I SET deadlock_timeout = 200', current_database());
            END $$
            """
        )
        let lock = "LOCK TABLE file_metadata IN ACCESS EXCLUSIVE MODE"
        try await withStore(database.conninfo) { store in
            async let migration: Void = database.execute(
                "BEGIN; \(lock); SELECT pg_sleep(0.5); LOCK TABLE jobs; COMMIT"
            )
            #expect(try await eventually { try await database.isLocked("file_metadata") })
            #expect(try await store.reading(of: job).plan?.status == "RUNNING")
            try await migration
        }
    }

    @Test func aCallerWhoGoesAwayEndsTheStatement() async throws {
        let database = try await AmpDatabase.make()
        let job = try await database.addJob()
        _ = try await database.addTable("blocks", job: job)
        let lock = try await TableLock(on: "file_metadata", in: database)
        let observations = Observations()
        try await withStore(
            database.conninfo,
            connectionCount: 1,
            observations: observations
        ) { store in
            let results = AsyncStream.makeStream(of: Result<JobReading, StoreError>.self)
            let running = store.start(job) { results.continuation.yield($0) }
            #expect(try await eventually { try await database.waitingSessionCount() == 1 })
            let waiting = store.start(job) { results.continuation.yield($0) }
            var iterator = results.stream.makeAsyncIterator()
            waiting?.cancel()
            #expect(await iterator.next()?.failure?.kind == .cancelled)
            running?.cancel()
            #expect(await iterator.next()?.failure?.kind == .cancelled)
            #expect(try await eventually { try await database.waitingSessionCount() == 0 })
            try await lock.release()
        }
        let failures = observations.all.filter { if case .readFailed = $0 { true } else { false } }
        #expect(failures.isEmpty, "a caller who leaves is no failure: \(failures)")
    }

    @Test func oneRequestTooManyIsRefused() async throws {
        let database = try await AmpDatabase.make()
        let job = try await database.addJob()
        _ = try await database.addTable("blocks", job: job)
        let lock = try await TableLock(on: "file_metadata", in: database)
        try await withStore(database.conninfo, connectionCount: 1, queueLimit: 2) { store in
            let results = AsyncStream.makeStream(of: Result<JobReading, StoreError>.self)
            store.start(job) { results.continuation.yield($0) }
            #expect(try await eventually { try await database.waitingSessionCount() == 1 })
            for _ in 1...2 { store.start(job) { results.continuation.yield($0) } }
            let error = await storeError {
                try await store.reading(of: job)
            }
            #expect(error?.kind == .queueFull)
            try await lock.release()
            var iterator = results.stream.makeAsyncIterator()
            for _ in 1...3 { #expect(await iterator.next()?.failure == nil) }
        }
    }

    @Test func aRequestWhoseDeadlinePassedInTheQueueIsNotRead() async throws {
        let database = try await AmpDatabase.make()
        let job = try await database.addJob()
        _ = try await database.addTable("blocks", job: job)
        let lock = try await TableLock(on: "file_metadata", in: database)
        try await withStore(database.conninfo, connectionCount: 1) { store in
            store.start(job) { _ in }
            let isReading = try await eventually { try await database.waitingSessionCount() == 1 }
            #expect(isReading)
            let wasRead = Mutex(false)
            async let late = storeError {
                try await store.reading(of: job, within: .zero) { plan in
                    wasRead.withLock { $0 = true }
                    return plan.tables
                }
            }
            try await lock.release()
            #expect(await late?.kind == .deadlineExceeded)
            #expect(!wasRead.withLock { $0 })
        }
    }

    @Test func sessionsThatWereTerminatedWhileIdleAreReplacedUnseen() async throws {
        let database = try await AmpDatabase.make()
        let job = try await database.addJob()
        try await withStore(database.conninfo) { store in
            for _ in 1...20 {
                _ = try await store.reading(of: job)
                try await database.signalSessions("pg_terminate_backend")
                _ = try await store.reading(of: job)
            }
        }
    }

    @Test(arguments: ["pg_terminate_backend", "pg_cancel_backend"])
    func aReadThatIsEndedFromOutsideIsDoneAgain(_ function: String) async throws {
        let database = try await AmpDatabase.make()
        let job = try await database.addJob()
        _ = try await database.addTable("blocks", job: job)
        let lock = try await TableLock(on: "file_metadata", in: database)
        try await withStore(database.conninfo, connectionCount: 1) { store in
            async let reading = store.reading(of: job)
            #expect(try await eventually { try await database.waitingSessionCount() == 1 })
            try await database.signalSessions(function)
            try await lock.release()
            #expect(try await reading.plan != nil)
        }
    }

    @Test func aStatementThatTakesTooLongIsNotAskedAgain() async throws {
        let database = try await AmpDatabase.make()
        try await withStore(database.conninfo, statementTimeout: .milliseconds(200)) { store in
            let attempts = Counter()
            let result = await withCheckedContinuation { continuation in
                store.read("a slow thing", before: .now.advanced(by: .seconds(20))) {
                    session,
                    limit throws(ReadFailure) in
                    attempts.increment()
                    do throws(PostgresError) {
                        try session.connection.run(script: "SELECT pg_sleep(20)", limit: limit)
                    } catch {
                        throw ReadFailure(.job, error)
                    }
                } completion: {
                    continuation.resume(returning: $0)
                }
            }
            #expect(result.failure?.kind == .unavailable)
            #expect(attempts.value == 1)
        }
    }

    @Test func aFrozenSessionIsAbandonedAtTheDeadline() async throws {
        let cluster = try await TemporaryPostgres.makeCluster()
        let database = AmpDatabase(conninfo: try cluster.makeDatabase(named: "amp"))
        let job = try await database.addJob()
        try await withStore(database.conninfo, connectionCount: 1) { store in
            _ = try await store.reading(of: job)
            let frozen = try await database.sessionProcesses()
            for process in frozen { kill(process, SIGSTOP) }
            let error = await storeError {
                try await store.reading(of: job, within: .milliseconds(200))
            }
            #expect(error?.kind == .deadlineExceeded)
            #expect(try await store.reading(of: job).plan != nil)
            for process in frozen { kill(process, SIGCONT) }
        }
    }

    @Test func aServerThatIsDownIsAnErrorAndOneThatComesBackServes() async throws {
        let cluster = try await TemporaryPostgres.makeCluster()
        let database = AmpDatabase(conninfo: try cluster.makeDatabase(named: "amp"))
        let job = try await database.addJob()
        try await onThread { cluster.stop() }
        try await withStore(database.conninfo) { store in
            #expect(store.health.database == .unreachable)
            let atStart = await storeError {
                try await store.reading(of: job)
            }
            #expect(atStart?.kind == .unavailable)
            try await onThread { try cluster.start() }
            #expect(try await store.readingOnceConnected(of: job).plan != nil)
            #expect(store.health == StoreHealth(database: .connected, era: .f))
            try await onThread { cluster.stop() }
            let later = await storeError {
                try await store.reading(of: job)
            }
            #expect(later?.kind == .unavailable)
            try await onThread { try cluster.start() }
            #expect(try await store.readingOnceConnected(of: job).plan != nil)
        }
    }

    @Test func aKilledSessionTakesTheServerThroughRecoveryAndReadsGoOn() async throws {
        // Else the crash may forget the job.
        let cluster = try await TemporaryPostgres.makeCluster(
            settings: ["synchronous_commit": "on"])
        let database = AmpDatabase(conninfo: try cluster.makeDatabase(named: "amp"))
        let job = try await database.addJob()
        try await withStore(database.conninfo) { store in
            _ = try await store.reading(of: job)
            for process in try await database.sessionProcesses() { kill(process, SIGKILL) }
            #expect(try await store.readingOnceConnected(of: job).plan != nil)
        }
    }

    @Test func aStopLeavesNoRequestWithoutAnAnswer() async throws {
        let database = try await AmpDatabase.make()
        let job = try await database.addJob()
        _ = try await database.addTable("blocks", job: job)
        let lock = try await TableLock(on: "file_metadata", in: database)
        let results = AsyncStream.makeStream(of: Result<JobReading, StoreError>.self)
        try await withStore(database.conninfo, connectionCount: 1) { store in
            for _ in 1...3 { store.start(job) { results.continuation.yield($0) } }
            let isReading = try await eventually { try await database.waitingSessionCount() == 1 }
            #expect(isReading)
        }
        var iterator = results.stream.makeAsyncIterator()
        for _ in 1...3 {
            let kind = await iterator.next()?.failure?.kind
            #expect(kind == .stopping || kind == .cancelled)
        }
        try await lock.release()
    }
}

extension Result {
    var failure: Failure? {
        if case .failure(let failure) = self { failure } else { nil }
    }
}

extension AmpDatabase {
    fileprivate func isLocked(_ table: String) async throws -> Bool {
        try await self.write { session in
            try session.int64(
                """
                SELECT count(*) FROM pg_locks
                 WHERE relation = '\(table)'::regclass AND mode = 'AccessExclusiveLock' AND granted
                """
            ) == 1
        }
    }
}
