import ProgressPostgres
import TestSupport
import Testing

@testable import ProgressServer

@Suite("What is logged", .requiresPostgres, .timeLimit(.minutes(2)))
struct TrackingTriggerTests {
    /// Adds file `id` to a revision.
    static func file(_ id: Int, _ revision: Int, _ name: String = "new") -> String {
        """
        INSERT INTO file_metadata (id, location_id, file_name, url, metadata)
        OVERRIDING SYSTEM VALUE VALUES (\(id), \(revision), '\(name)', 'u', '{}')
        """
    }

    static func files(_ count: Int) -> String {
        """
        INSERT INTO file_metadata (location_id, file_name, url, metadata)
        SELECT 3, i::text, 'u', '{}' FROM generate_series(1, \(count)) AS i
        """
    }

    /// A statement, what it logs, and the oldest PostgreSQL that has it.
    struct Case: Sendable {
        var script: String
        var rows: [String]
        var version: Int64 = 0
    }

    static let fileCases = [
        Case(script: file(10, 1), rows: ["F 1 {10}"]),
        Case(
            script: """
                INSERT INTO file_metadata (id, location_id, file_name, url, metadata)
                OVERRIDING SYSTEM VALUE VALUES
                    (10, 1, 'x', 'u', '{}'), (11, 2, 'x', 'u', '{}'), (12, 1, 'y', 'u', '{}')
                """,
            rows: ["F 1 {10,12}", "F 2 {11}"]
        ),
        Case(script: file(10, 1, "a") + " ON CONFLICT DO NOTHING", rows: []),
        Case(
            script: file(10, 1, "a") + """
                 ON CONFLICT ON CONSTRAINT unique_file_name_per_location_id DO UPDATE SET url = 'v'
                """,
            rows: ["F 1 {1}"]
        ),
        Case(
            script: "UPDATE file_metadata SET url = 'v' WHERE location_id = 1",
            rows: ["F 1 {1,2}"]
        ),
        Case(
            script: "UPDATE file_metadata SET location_id = 3 WHERE id IN (1, 3)",
            rows: ["F 1 {1}", "F 2 {3}", "F 3 {1,3}"]
        ),
        Case(script: "UPDATE file_metadata SET url = 'v' WHERE id = 0", rows: []),
        Case(script: "DELETE FROM file_metadata", rows: ["F 1 {1,2}", "F 2 {3}"]),
        Case(script: "DELETE FROM file_metadata WHERE id = 0", rows: []),
        Case(
            script: """
                COPY file_metadata (id, location_id, file_name, url, metadata)
                FROM PROGRAM 'echo "10,1,x,u,{}"' WITH (FORMAT csv)
                """,
            rows: ["F 1 {10}"]
        ),
        Case(
            script: """
                MERGE INTO file_metadata AS f USING (VALUES (1, 'a'), (1, 'b'), (2, 'x')) AS v (l, n)
                   ON f.location_id = v.l AND f.file_name = v.n
                 WHEN MATCHED AND v.n = 'a' THEN UPDATE SET url = 'v'
                 WHEN MATCHED THEN DELETE
                 WHEN NOT MATCHED THEN INSERT (id, location_id, file_name, url, metadata)
                      OVERRIDING SYSTEM VALUE VALUES (10, v.l, v.n, 'u', '{}')
                """,
            rows: ["F 1 {1}", "F 1 {2}", "F 2 {10}"],
            version: 150_000
        ),
        Case(
            script:
                "WITH f AS (\(file(10, 1)) RETURNING id) INSERT INTO footer_cache SELECT id, '' FROM f",
            rows: ["F 1 {10}"]
        ),
        Case(
            script: "WITH f AS (DELETE FROM file_metadata WHERE id = 1 RETURNING 1) \(file(10, 2))",
            rows: ["F 1 {1}", "F 2 {10}"]
        ),
        Case(script: files(TrackingFunction.idLimit), rows: ["F 3 #10000"]),
        Case(script: files(TrackingFunction.idLimit + 1), rows: ["F 3"]),
        Case(script: "TRUNCATE file_metadata CASCADE", rows: ["X 0"]),
        Case(
            script: "SET LOCAL session_replication_role = replica; \(file(10, 1))",
            rows: ["F 1 {10}"]
        ),
        Case(script: "SAVEPOINT s; \(file(10, 1)); ROLLBACK TO SAVEPOINT s", rows: []),
    ]

    static let jobCases = [
        Case(
            script: """
                INSERT INTO jobs (id, node_id, idempotency_key)
                OVERRIDING SYSTEM VALUE VALUES (10, 'n', 'x'), (11, 'n', 'y')
                """,
            rows: ["J 10", "J 11"]
        ),
        Case(script: "UPDATE jobs SET status = 'X' WHERE id = 1", rows: ["J 1"]),
        Case(script: "UPDATE jobs_status SET status = 'X'", rows: ["J 1", "J 2"]),
        Case(script: "UPDATE jobs_status SET status = 'X' WHERE job_id = 0", rows: []),
        Case(script: "DELETE FROM jobs_status WHERE job_id = 2", rows: ["J 2"]),
        Case(
            script: """
                INSERT INTO job_events (job_id, node_id, event_type)
                VALUES (1, 'n', 'A'), (1, 'n', 'B'), (2, 'n', 'A')
                """,
            rows: ["J 1", "J 2"]
        ),
        Case(
            script: """
                INSERT INTO job_events (job_id, node_id, event_type) VALUES (1, 'n', 'A');
                UPDATE job_events SET job_id = 2
                """,
            rows: ["J 1", "J 1", "J 2"]
        ),
        // Of jobs, jobs_status, and of revisions whose writer becomes NULL.
        Case(script: "DELETE FROM jobs WHERE id = 1", rows: ["J 1", "J 1", "J 1"]),
        // Each of the six tables is emptied.
        Case(script: "TRUNCATE jobs CASCADE", rows: Array(repeating: "X 0", count: 6)),
    ]

    static let revisionCases = [
        Case(
            script: """
                INSERT INTO physical_table_revisions (path, writer)
                VALUES ('x', 1), ('y', 2), ('z', 2), ('w', NULL)
                """,
            rows: ["J 1", "J 2"]
        ),
        Case(script: "UPDATE physical_table_revisions SET writer = 2", rows: ["J 1", "J 2"]),
        Case(
            script: "UPDATE physical_table_revisions SET writer = NULL WHERE id = 1",
            rows: ["J 1"]
        ),
        Case(
            script: "UPDATE physical_table_revisions SET updated_at = now(), writer = writer",
            rows: []
        ),
        Case(
            script: "UPDATE physical_table_revisions SET id = 9, writer = 2 WHERE id = 3",
            rows: ["J 2"]
        ),
        Case(script: "DELETE FROM physical_table_revisions WHERE id = 3", rows: []),
        Case(
            script: "DELETE FROM physical_table_revisions WHERE id = 2",
            rows: ["F 2 {3}", "J 1"]
        ),
        Case(
            script: "DELETE FROM physical_table_revisions",
            rows: ["F 1 {1,2}", "F 2 {3}", "J 1", "T 0"]
        ),
        Case(
            script: """
                INSERT INTO physical_tables (dataset_namespace, dataset_name, table_name, manifest_hash)
                VALUES ('a', 'b', 'c', 'd'), ('a', 'b', 'e', 'd')
                """,
            rows: ["T 0"]
        ),
        Case(script: "UPDATE physical_tables SET active_revision_id = 2", rows: ["T 0"]),
        Case(
            script:
                "UPDATE physical_tables SET active_revision_id = NULL WHERE table_name = 'blocks'",
            rows: ["T 0"]
        ),
        Case(script: "UPDATE physical_tables SET updated_at = now()", rows: []),
        Case(script: "DELETE FROM physical_tables WHERE id = 0", rows: []),
        Case(script: "DELETE FROM physical_tables", rows: ["T 0"]),
        Case(script: "TRUNCATE physical_tables", rows: ["X 0"]),
    ]

    @Test(arguments: [fileCases, jobCases, revisionCases])
    func eachStatementLogsTheKeysThatItChanged(_ cases: [Case]) async throws {
        let database = try await AmpDatabase.makeTracked()
        try await database.write { session in
            let version = try session.int64("SELECT current_setting('server_version_num')::bigint")
            for item in cases where version >= item.version {
                try session.execute("BEGIN")
                try session.execute(item.script)
                let rows = try session.strings(AmpDatabase.logRows)
                let foreign = try session.int64(
                    "SELECT count(*) FROM progress.log WHERE xid <> pg_current_xact_id()"
                )
                try session.execute("ROLLBACK")
                #expect(rows == item.rows, "\(item.script)")
                #expect(foreign == 0, "\(item.script)")
            }
        }
        #expect(try await database.logged() == [], "a rollback takes all along")
    }

    @Test func aSubtransactionIsLoggedUnderItsTopmostTransaction() async throws {
        let database = try await AmpDatabase.makeTracked()
        try await database.write { session in
            try session.execute("BEGIN; SAVEPOINT s")
            try session.execute("\(Self.file(10, 1)); RELEASE SAVEPOINT s")
            let count = try session.int64(
                "SELECT count(*) FROM progress.log WHERE xid = pg_current_xact_id()"
            )
            // The row's own xmin is the subtransaction's.
            let inner = try session.int64(
                "SELECT count(*) FROM progress.log WHERE xmin <> pg_current_xact_id()::xid"
            )
            try session.execute("COMMIT")
            #expect(count == 1)
            #expect(inner == 1)
        }
    }

    @Test func writersNeedNoRightsAndCannotMisleadTheTriggers() async throws {
        let database = try await AmpDatabase.makeTracked()
        let role = try await database.makeRole("GRANT SELECT, INSERT ON file_metadata TO")
        try await database.execute(
            """
            CREATE SCHEMA evil;
            CREATE FUNCTION evil.pg_current_xact_id() RETURNS xid8 LANGUAGE sql AS 'SELECT ''1''::xid8';
            CREATE FUNCTION evil.add(bigint[], bigint) RETURNS bigint[] LANGUAGE sql AS 'SELECT $1';
            CREATE AGGREGATE evil.array_agg(bigint) (SFUNC = evil.add, STYPE = bigint[], INITCOND = '{}');
            CREATE AGGREGATE public.array_agg(bigint) (SFUNC = evil.add, STYPE = bigint[], INITCOND = '{}');
            CREATE FUNCTION evil.none(bigint, integer) RETURNS boolean LANGUAGE sql AS 'SELECT false';
            CREATE OPERATOR evil.<= (LEFTARG = bigint, RIGHTARG = integer, FUNCTION = evil.none);
            GRANT USAGE ON SCHEMA evil TO PUBLIC;
            """
        )
        let writer = AmpDatabase(conninfo: "\(database.conninfo) user=\(role)")
        try await writer.write { session in
            try session.execute(
                """
                SET search_path = evil, public, pg_catalog;
                CREATE TEMP TABLE changed (location_id bigint, id bigint);
                CREATE TEMP TABLE log (LIKE file_metadata);
                """
            )
            try session.execute("BEGIN; \(Self.file(10, 1)); COMMIT")
            #expect(throws: PostgresError.self) { try session.execute("TABLE progress.log") }
            #expect(throws: PostgresError.self) {
                try session.execute(
                    """
                    CREATE TRIGGER t AFTER TRUNCATE ON pg_temp.log
                        EXECUTE FUNCTION progress.everything_changed()
                    """
                )
            }
        }
        #expect(try await database.logged() == ["F 1 {10}"])
        let forged = "SELECT count(*) FROM progress.log WHERE xid = '1'"
        #expect(try await database.number(forged) == 0)
    }
}

extension AmpDatabase {
    /// Creates a role that may log in, named for this database, as roles belong to the cluster.
    func makeRole(_ grants: String...) async throws -> String {
        try await self.write { session in
            let name = try session.strings("SELECT 'role_' || current_database()")[0] ?? ""
            try session.execute("CREATE ROLE \(name) LOGIN")
            for grant in grants { try session.execute("\(grant) \(name)") }
            return name
        }
    }
}
