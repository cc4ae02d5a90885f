import ProgressPostgres
import TestSupport
import Testing

@testable import ProgressServer

@Suite("Installing and removing change tracking", .requiresPostgres, .timeLimit(.minutes(2)))
struct TrackingInstallTests {
    static let impatient = TableLocking(
        patience: .milliseconds(50),
        attemptLimit: 2,
        pause: .milliseconds(1)
    )

    @Test func aSecondInstallationChangesNothing() async throws {
        let database = try await AmpDatabase.make()
        let first = try await database.track(.install(readers: []))
        #expect(first == "installed change tracking, version 1, on 6 tables")
        let before = try await database.trackingCatalog()
        #expect(before.isSound)
        #expect(before.rows.mapValues(\.count)["pg_trigger"] == 24)
        #expect(try await database.isUnchanged(since: before))
        let second = try await database.track(.install(readers: []))
        #expect(second.contains("nothing was changed"))
        #expect(try await database.trackingCatalog() == before)
    }

    @Test func eraGIsTrackedToo() async throws {
        let database = try await AmpDatabase.make()
        try await database.execute(AmpSchema.dropStaleJobColumnsScript)
        _ = try await database.track(.install(readers: []))
        _ = try await database.addJob()
        #expect(try await Set(database.logged()) == ["J 1"])
    }

    @Test func anOlderFunctionIsReplacedAndTheLogKept() async throws {
        let database = try await AmpDatabase.makeTracked()
        try await database.execute(
            """
            DELETE FROM file_metadata WHERE id = 1;
            UPDATE progress.meta SET version = 0;
            CREATE OR REPLACE FUNCTION progress.files_changed() RETURNS trigger LANGUAGE plpgsql
                AS 'BEGIN RETURN NULL; END';
            """
        )
        let before = try await database.trackingCatalog()
        #expect(before.damage == ["function progress.files_changed is altered"])
        _ = try await database.track(.install(readers: []))
        let after = try await database.trackingCatalog()
        #expect(after.isSound)
        #expect(try await !database.isUnchanged(since: before))
        #expect(after.rows["pg_trigger"] == before.rows["pg_trigger"])
        #expect(try await database.logged() == ["F 1 {1}"])
        #expect(try await database.number("SELECT version FROM progress.meta") == 1)
    }

    @Test func aNewerVersionIsLeftAlone() async throws {
        let database = try await AmpDatabase.makeTracked()
        try await database.execute("UPDATE progress.meta SET version = 2")
        let complaint = await database.complaint(about: .install(readers: []))
        #expect(complaint.hasPrefix("version 2 is installed and this program has 1"))
    }

    /// What stands in the way, and how it is named.
    static let obstacles = [
        ("DROP TABLE jobs_status", "era E"),
        ("DROP TABLE jobs_status, job_events", "era D"),
        ("DROP TABLE job_events", "lacks job_events"),
        (
            "ALTER TABLE physical_table_revisions RENAME COLUMN writer TO w",
            "physical_table_revisions lacks writer"
        ),
        ("CREATE SCHEMA progress; CREATE TABLE progress.mine (n int)", "not this program's"),
        (
            """
            SET client_min_messages = error;
            CREATE SUBSCRIPTION s CONNECTION 'dbname=nowhere' PUBLICATION p WITH (connect = false);
            INSERT INTO pg_subscription_rel (srsubid, srrelid, srsubstate)
                SELECT oid, 'file_metadata'::regclass, 'r' FROM pg_subscription
            """, "logical replication fills file_metadata"
        ),
    ]

    @Test(arguments: obstacles)
    func anObstacleIsNamedAndNothingIsLeftBehind(_ obstacle: (String, String)) async throws {
        let database = try await AmpDatabase.make()
        if obstacle.0.contains("SUBSCRIPTION") {
            try await database.execute("SET allow_system_table_mods = on; \(obstacle.0)")
        } else {
            try await database.execute(obstacle.0)
        }
        let complaint = await database.complaint(about: .install(readers: []))
        #expect(complaint.contains(obstacle.1), "\(complaint)")
        let catalog = try await database.trackingCatalog()
        #expect(catalog.triggers.isEmpty && catalog.functions.isEmpty)
        #expect(catalog.hasSchema == obstacle.0.contains("SCHEMA"))
        if catalog.hasSchema {
            #expect(await database.complaint(about: .remove).contains("not this program's"))
        }
    }

    @Test func readersAreGrantedWhatTheyNeed() async throws {
        let database = try await AmpDatabase.make()
        let role = try await database.makeRole()
        let reader = AmpDatabase(conninfo: "\(database.conninfo) user=\(role)")
        for unknown in ["nobody \"known\"", "public", ""] {
            let complaint = await database.complaint(about: .install(readers: [unknown]))
            #expect(complaint == "--reader is '\(unknown)', no such role")
        }
        #expect(await database.complaint(about: .status).hasSuffix("is not installed"))
        _ = try await database.track(.install(readers: []))
        #expect(await reader.complaint(about: .status).contains("may not read schema progress"))
        #expect(try await !reader.trackingCatalog().isSound)
        let unreadable = try await reader.trackingCatalog()
        let message = try await database.track(.install(readers: [role]))
        #expect(message.hasSuffix("nothing was changed; \(role) may read it"))
        #expect(try await reader.track(.status).hasPrefix("change tracking is sound"))
        let catalog = try await reader.trackingCatalog()
        #expect(catalog.isSound)
        // The grants are seen, too.
        #expect(try await !database.isUnchanged(since: unreadable))
        #expect(await reader.complaint(about: .prune).contains("permission denied"))
    }

    @Test func aRoleWithAnOddNameIsQuoted() async throws {
        let database = try await AmpDatabase.make()
        let name = try await database.makeRole() + "\"; DROP TABLE jobs; --"
        let quoted = "\"" + name.replacing("\"", with: "\"\"") + "\""
        try await database.execute("CREATE ROLE \(quoted)")
        _ = try await database.track(.install(readers: [name]))
        let count = try await database.number(
            "SELECT has_table_privilege($1, 'progress.log', 'SELECT')::int::bigint",
            [.text(name)]
        )
        #expect(count == 1)
        try await database.execute("DROP OWNED BY \(quoted); DROP ROLE \(quoted)")
    }

    @Test(arguments: ["ROW EXCLUSIVE", "ACCESS EXCLUSIVE"])
    func aLockThatIsHeldIsNamedAndBlocksNobodyAfterwards(_ mode: String) async throws {
        let database = try await AmpDatabase.make()
        let lock = try await TableLock(on: "physical_tables", mode: mode, in: database)
        let complaint = await database.complaint(
            about: .install(readers: []),
            locking: Self.impatient
        )
        #expect(complaint.contains("in 2 tries; nothing was changed"), "\(complaint)")
        #expect(complaint.contains("table physical_tables is in a transaction open for"))
        #expect(complaint.contains("(progressctl)"))
        try await database.execute(
            "BEGIN; LOCK TABLE jobs, file_metadata IN ACCESS EXCLUSIVE MODE NOWAIT; COMMIT"
        )
        #expect(try await !database.trackingCatalog().hasSchema)
        try await lock.release()
        _ = try await database.track(.install(readers: []))
        let reading = try await TableLock(on: "jobs", mode: "ACCESS SHARE", in: database)
        let removal = await database.complaint(about: .remove, locking: Self.impatient)
        #expect(removal.contains("table jobs is in a transaction"), "\(removal)")
        #expect(try await database.trackingCatalog().isSound)
        try await reading.release()
    }

    @Test func removalLeavesTheCatalogAsItWas() async throws {
        let database = try await AmpDatabase.make()
        let before = try await database.catalogText()
        for _ in 1...2 {
            _ = try await database.track(.install(readers: []))
            #expect(try await database.catalogText() != before)
            #expect(try await database.track(.remove) == "removed change tracking")
            #expect(try await database.catalogText() == before)
        }
        let again = try await database.track(.remove)
        #expect(again == "change tracking is not installed; nothing was changed")
    }

    @Test func removalFindsItsTriggersOnATableThatWasRenamed() async throws {
        let database = try await AmpDatabase.makeTracked()
        try await database.execute(
            """
            ALTER TABLE file_metadata RENAME TO "old files";
            CREATE TABLE public.file_metadata (LIKE "old files")
            """
        )
        _ = try await database.track(.remove)
        let count = try await database.number(
            "SELECT count(*) FROM pg_trigger WHERE NOT tgisinternal"
        )
        #expect(count == 0)
    }

    @Test func whatOthersPutIntoTheSchemaIsNotRemoved() async throws {
        let database = try await AmpDatabase.makeTracked()
        try await database.execute("CREATE TABLE progress.mine (n int)")
        #expect(await database.complaint(about: .remove).contains("cannot drop schema progress"))
        #expect(try await database.trackingCatalog().isSound)
    }

    @Test func writersGoOnWhileItIsInstalledAndRemoved() async throws {
        let database = try await AmpDatabase.makeTracked()
        // The first locks in the reverse of our order, so that an installer who waits is a deadlock.
        let scripts = [
            "UPDATE file_metadata SET url = 'v' WHERE id = 1; UPDATE jobs_status SET detail = NULL WHERE job_id = 1",
            "UPDATE physical_tables SET updated_at = now() WHERE id = 1; UPDATE jobs SET status = 'X' WHERE id = 2",
            "INSERT INTO file_metadata (location_id, file_name, url, metadata) VALUES (3, gen_random_uuid(), 'u', '{}')",
        ]
        let stops = Counter()
        let rounds = Counter()
        try await withThrowingTaskGroup(of: Void.self) { group in
            for script in scripts {
                group.addTask {
                    try await database.write { session in
                        while stops.value == 0 {
                            try session.execute("BEGIN")
                            for statement in script.split(separator: "; ") {
                                try session.execute(String(statement))
                            }
                            try session.execute("COMMIT")
                            rounds.increment()
                        }
                    }
                }
            }
            defer { stops.increment() }
            let locking = TableLocking(
                patience: .milliseconds(50),
                attemptLimit: 400,
                pause: .milliseconds(2)
            )
            for _ in 1...2 {
                _ = try await database.track(.remove, locking: locking)
                _ = try await database.track(.install(readers: []), locking: locking)
            }
            stops.increment()
            try await group.waitForAll()
        }
        #expect(rounds.value > 0)
        #expect(try await database.trackingCatalog().isSound)
    }

    @Test func aSearchPathOfTheDatabaseDoesNotMislead() async throws {
        let database = try await AmpDatabase.make()
        try await database.execute(
            """
            CREATE SCHEMA evil;
            CREATE TABLE evil.jobs (n int);
            CREATE FUNCTION evil.clock_timestamp() RETURNS timestamptz LANGUAGE sql AS 'SELECT NULL::timestamptz';
            """
        )
        try await database.write { session in
            let name = try session.strings("SELECT current_database()::text")[0] ?? ""
            try session.execute("ALTER DATABASE \(name) SET search_path = evil, pg_catalog, public")
        }
        _ = try await database.track(.install(readers: []))
        #expect(try await database.track(.status).hasPrefix("change tracking is sound"))
        #expect(try await database.trackingCatalog().isSound)
    }
}

extension AmpDatabase {
    /// All that the catalog says of schemas, relations, columns, constraints, functions, triggers and their
    /// dependencies, oids included, outside of the system's schemas.
    fileprivate func catalogText() async throws -> String {
        let row = """
            concat_ws(' ', r.oid, r.relname, r.relnamespace, r.relowner, r.relkind, r.relacl, r.reloptions,
                      r.relnatts, r.relchecks, r.relhasrules, r.relhastriggers, r.relrowsecurity)
            """
        return try await self.write { session in
            try session.strings(
                """
                WITH r AS (SELECT * FROM pg_class WHERE oid >= 16384 AND relkind <> 't'
                                  AND relnamespace NOT IN (SELECT oid FROM pg_namespace WHERE nspname = 'pg_toast'))
                SELECT concat_ws(E'\\n',
                    (SELECT string_agg(\(row), E'\\n' ORDER BY r.oid) FROM r),
                    (SELECT string_agg(a::text, E'\\n' ORDER BY attrelid, attnum)
                       FROM pg_attribute AS a WHERE attrelid IN (SELECT oid FROM r)),
                    (SELECT string_agg(n::text, E'\\n' ORDER BY oid) FROM pg_namespace AS n
                      WHERE nspname NOT LIKE 'pg\\_t%'),
                    (SELECT string_agg(c::text, E'\\n' ORDER BY oid) FROM pg_constraint AS c),
                    (SELECT string_agg(t::text, E'\\n' ORDER BY oid) FROM pg_trigger AS t),
                    (SELECT string_agg(p::text, E'\\n' ORDER BY oid) FROM pg_proc AS p WHERE oid >= 16384),
                    (SELECT string_agg(d::text, E'\\n' ORDER BY d::text) FROM pg_depend AS d))
                """
            ).first??.description ?? ""
        }
    }
}
