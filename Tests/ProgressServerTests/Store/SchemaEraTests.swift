import FoundationEssentials
import ProgressPostgres
import Synchronization
import TestSupport
import Testing

@testable import ProgressServer

@Suite("Schema eras", .requiresPostgres, .timeLimit(.minutes(2)))
struct SchemaEraTests {
    @Test func eraGAnswersLikeEraF() async throws {
        let database = try await AmpDatabase.make()
        try await database.execute(AmpSchema.dropStaleJobColumnsScript)
        let job = try await database.addJob(status: "COMPLETED")
        let revision = try await database.addTable("blocks", job: job)
        try await database.addChain(of: 2, to: revision)
        try await withStore(database.conninfo) { store in
            let reading = try await store.reading(of: job)
            #expect(reading.plan?.status == "COMPLETED")
            #expect(reading.fileCount(of: revision) == 2)
            #expect(store.health == StoreHealth(database: .connected, era: .g))
        }
    }

    /// What each script leaves of era F, and how it is named.
    static let others: [(script: String, name: String)] = [
        ("DROP TABLE job_events", "of era F, but lacks job_events"),
        (
            """
            DROP TABLE jobs_status, job_events, file_metadata, footer_cache, gc_manifest,
                physical_tables, physical_table_revisions;
            CREATE TABLE physical_tables (id bigint, url text, active boolean, writer bigint)
            """, "era B"
        ),
        (
            """
            DROP TABLE jobs_status, job_events, file_metadata, footer_cache, gc_manifest,
                physical_tables, physical_table_revisions;
            CREATE TABLE physical_tables
                (id bigint, bucket text, path text, active boolean, writer bigint)
            """, "era B"
        ),
        (
            """
            DROP SCHEMA public CASCADE; CREATE SCHEMA public;
            CREATE TABLE public.locations (id bigint)
            """, "era A"
        ),
        ("DROP SCHEMA public CASCADE; CREATE SCHEMA public", "the database is empty"),
        (
            "DROP SCHEMA public CASCADE; CREATE SCHEMA public; CREATE TABLE public.t (n int)",
            "not Amp's: it has 1 tables"
        ),
        ("DROP TABLE footer_cache, gc_manifest, file_metadata", "lacks file_metadata"),
        ("DROP TABLE jobs_status; DROP TABLE jobs CASCADE", "of era E, but lacks jobs"),
    ]

    @Test(arguments: others)
    func whatIsNotServedIsNamed(_ other: (script: String, name: String)) async throws {
        let database = try await AmpDatabase.make()
        try await database.execute(other.script)
        try await withStore(database.conninfo) { store in
            let error = await storeError { try await store.reading(of: 1) }
            #expect(error?.isUnsupported == true)
            #expect(error?.message.contains(other.name) == true, "\(error?.message ?? "no error")")
            #expect(store.health == StoreHealth(database: .unsupported, era: nil))
        }
    }

    @Test func aDatabaseThatIsMendedIsServedWithoutARestart() async throws {
        let database = AmpDatabase(conninfo: try await TemporaryPostgres.makeEmptyDatabase())
        try await withStore(database.conninfo) { store in
            let before = await storeError { try await store.reading(of: 1) }
            #expect(before?.isUnsupported == true)
            try await database.execute(AmpSchema.currentScript)
            let isServed = try await eventually { store.health.database == .connected }
            #expect(isServed)
        }
    }

    @Test func aTableThatDisappearsIsNoticedAtTheNextRead() async throws {
        let database = try await AmpDatabase.make()
        let job = try await database.addJob()
        try await withStore(database.conninfo) { store in
            _ = try await store.reading(of: job)
            try await database.execute("DROP TABLE job_events")
            let error = await storeError { try await store.reading(of: job) }
            #expect(error?.isUnsupported == true)
        }
    }

    /// An upgrade takes step after step: while a session finds the era out, the next may begin.
    @Test func aReadOutlastsAnUpgradeOfSeveralSteps() async throws {
        let database = try await AmpDatabase.make(upgradedThrough: nil)
        try await withStore(database.conninfo, connectionCount: 1) { store in
            let eras = Mutex<[SchemaEra]>([])
            let last = await Self.read(store) { session throws(ReadFailure) in
                eras.withLock { $0.append(session.era) }
                let steps: [AmpUpgrade] =
                    switch session.era {
                    case .c: [.revisions]
                    case .d: [.newWordForFailed, .events]
                    case .e: [.jobsStatus]
                    case .f, .g: []
                    }
                guard !steps.isEmpty else { return }
                do throws(PostgresError) {
                    let writer = try PostgresSession(conninfo: database.conninfo)
                    for step in steps { try writer.execute(step.script) }
                } catch {
                    throw ReadFailure(.job, error)
                }
                throw Self.vanished
            }
            #expect(last == nil)
            #expect(eras.withLock { $0 } == [.c, .d, .e, .f])
        }
    }

    @Test func aReadOfATableThatStaysAwayIsTriedTwice() async throws {
        let database = try await AmpDatabase.make()
        try await withStore(database.conninfo) { store in
            let attempts = Counter()
            let error = await Self.read(store) { _ throws(ReadFailure) in
                attempts.increment()
                throw Self.vanished
            }
            #expect(error?.kind == .jobUnreadable && attempts.value == 2)
        }
    }

    private static var vanished: ReadFailure {
        ReadFailure(.job, PostgresError(.statementFailed, "it is gone", state: .undefinedTable))
    }

    /// - Returns: Why there is no reading.
    private static func read(
        _ store: PostgresStore,
        _ body: @escaping @Sendable (StoreSession) throws(ReadFailure) -> Void
    ) async -> StoreError? {
        await withCheckedContinuation { continuation in
            store.read("a test", before: .now.advanced(by: .seconds(20))) {
                session,
                _ throws(ReadFailure) in
                try body(session)
            } completion: { (result: Result<Void, StoreError>) in
                if case .failure(let error) = result {
                    continuation.resume(returning: error)
                } else {
                    continuation.resume(returning: nil)
                }
            }
        }
    }

    @Test func aRoleWithoutTheRightToReadIsToldWhatToGrant() async throws {
        let cluster = try await TemporaryPostgres.makeCluster()
        let database = AmpDatabase(conninfo: try cluster.makeDatabase(named: "amp"))
        try await database.execute(
            "CREATE ROLE reader LOGIN; GRANT SELECT ON jobs, jobs_status TO reader"
        )
        let conninfo = cluster.conninfo(database: "amp") + " user=reader"
        try await withStore(conninfo) { store in
            let error = await storeError { try await store.reading(of: 1) }
            #expect(error?.isUnsupported == true)
            #expect(error?.message.contains("job_events") == true)
            try await database.execute("GRANT SELECT ON ALL TABLES IN SCHEMA public TO reader")
            let isServed = try await eventually { store.health.database == .connected }
            #expect(isServed)
        }
    }

    @Test func aStandbyIsRefusedUntilItIsPromoted() async throws {
        let cluster = try await TemporaryPostgres.makeCluster()
        let database = AmpDatabase(conninfo: try cluster.makeDatabase(named: "amp"))
        let job = try await database.addJob()
        try await onThread {
            cluster.stop()
            // PostgreSQL takes this file as the word to be a standby, here of nobody.
            let mark = "\(cluster.dataDirectory)/standby.signal"
            #expect(FileManager.default.createFile(atPath: mark, contents: Data()))
            try cluster.start()
        }
        try await withStore(database.conninfo) { store in
            let error = await storeError { try await store.reading(of: job) }
            #expect(error?.isUnsupported == true)
            #expect(error?.message.contains("standby") == true, "\(error?.message ?? "no error")")
            #expect(store.health == StoreHealth(database: .unsupported, era: nil))
            try await onThread {
                try PostgresSession(conninfo: cluster.conninfo()).execute("SELECT pg_promote()")
            }
            #expect(try await eventually { store.health.database == .connected })
            #expect(try await store.reading(of: job).plan?.status == "RUNNING")
        }
    }

    @Test func refusalsBecomeUnavailable() async throws {
        let cluster = try await TemporaryPostgres.makeCluster()
        let database = AmpDatabase(conninfo: try cluster.makeDatabase(named: "amp"))
        try await database.execute("CREATE ROLE full_house LOGIN CONNECTION LIMIT 0")
        let refused = [
            cluster.conninfo(database: "nowhere"), cluster.conninfo() + " user=nobody_known",
            cluster.conninfo(database: "amp") + " user=full_house",
        ]
        for (conninfo, state) in zip(refused, ["3D000", "28000", "53300"]) {
            try await withStore(conninfo) { store in
                let error = await storeError { try await store.reading(of: 1) }
                #expect(error?.kind == .unavailable)
                #expect(error?.message.contains(state) == true, "\(error?.message ?? "no error")")
            }
        }
    }
}
