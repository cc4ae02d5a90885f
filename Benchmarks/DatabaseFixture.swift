import Glibc
import PrivatePostgres
import ProgressPostgres

/// Databases with jobs of known sizes.
///
/// `jobs` and its copy `copy` have jobs of three tables with 10, 100, 1,000 and 100,000 linked files
/// each, and another of 10 for writing to; `million` has ten jobs of one table with 100,000 files.
enum DatabaseFixture {
    /// Files for each table, by job from 1.
    private static let fileCounts = [10, 100, 1_000, 100_000, 10]
    private static let largeJobCount = 10

    /// Starts PostgreSQL, fills it, prints the connection strings, and waits for the end of the input.
    static func run(in directory: String) throws {
        var configuration = PrivateCluster.Configuration(directory: directory)
        // No checkpoint comes while something is measured.
        configuration.settings = ["max_wal_size": "8GB", "checkpoint_timeout": "1h"]
        let cluster = try PrivateCluster(
            configuration,
            installation: try PostgresInstallation.find()
        )
        defer { cluster.stop() }
        let session = try PostgresSession(conninfo: cluster.conninfo())
        for name in ["jobs", "million"] { try session.execute("CREATE DATABASE \(name)") }
        try self.fill(cluster.conninfo(database: "jobs")) { session throws(PostgresError) in
            for (index, count) in self.fileCounts.enumerated() {
                let tables = ["blocks", "logs", "transactions"]
                try session.execute(
                    self.jobScript("job_\(index + 1)", tables: tables, fileCount: count)
                )
            }
        }
        try session.execute("CREATE DATABASE copy TEMPLATE jobs")
        try self.fill(cluster.conninfo(database: "million")) { session throws(PostgresError) in
            for number in 1...self.largeJobCount {
                try session.execute(
                    self.jobScript("job_\(number)", tables: ["blocks"], fileCount: 100_000)
                )
            }
        }
        for name in ["jobs", "copy", "million"] { print(cluster.conninfo(database: name)) }
        // A pipe would keep the lines until the end.
        fflush(nil)
        while readLine() != nil {}
    }

    private static func fill(
        _ conninfo: String,
        _ body: (PostgresSession) throws(PostgresError) -> Void
    ) throws(PostgresError) {
        let session = try PostgresSession(conninfo: conninfo)
        try session.execute(AmpSchema.currentScript)
        try session.execute("INSERT INTO workers (node_id, heartbeat_at) VALUES ('n', now())")
        try body(session)
        try session.execute("VACUUM ANALYZE")
        // What is written later would share the processors with what is measured.
        try session.execute("CHECKPOINT")
    }

    /// A file of the chain, by the names of its table and number in SQL.
    static func metadata(table: String, index: String) -> String {
        """
        jsonb_build_object(
            'table', \(table), 'filename', lpad((\(index))::text, 9, '0') || '.parquet',
            'created_at', jsonb_build_object('secs', 1700000000 + \(index), 'nanos', 0),
            'ranges', jsonb_build_array(jsonb_build_object(
                'numbers', jsonb_build_object(
                    'start', \(index) * 1000, 'end', \(index) * 1000 + 999),
                'network', 'mainnet', 'timestamp', 1600000000 + \(index),
                'hash', '0x' || md5('a' || \(index)) || md5('b' || \(index)),
                'prev_hash', '0x' || md5('a' || \(index) - 1) || md5('b' || \(index) - 1))))
        """
    }

    private static func jobScript(_ name: String, tables: [String], fileCount: Int) -> String {
        let names = tables.map { "'\($0)'" }.joined(separator: ", ")
        return """
            WITH job AS (
                INSERT INTO jobs (node_id, idempotency_key) VALUES ('n', '\(name)') RETURNING id
            ), status AS (
                INSERT INTO jobs_status (job_id, node_id, status)
                SELECT id, 'n', 'RUNNING' FROM job
            ), event AS (
                INSERT INTO job_events (job_id, node_id, event_type, detail)
                SELECT id, 'n', 'SCHEDULED', jsonb_build_object(
                           'kind', 'materialize-raw', 'dataset_namespace', 'bench',
                           'dataset_name', '\(name)', 'manifest_hash', 'h')
                  FROM job
            ), revision AS (
                INSERT INTO physical_table_revisions (path, writer)
                SELECT 'bench/\(name)/' || name, id FROM job, unnest(array[\(names)]) AS name
                RETURNING id, path
            ), activation AS (
                INSERT INTO physical_tables
                    (dataset_namespace, dataset_name, table_name, manifest_hash, active_revision_id)
                SELECT 'bench', '\(name)', split_part(path, '/', 3), 'h', id FROM revision
            )
            INSERT INTO file_metadata (location_id, file_name, url, object_size, metadata)
            SELECT id, lpad(i::text, 9, '0') || '.parquet', 'file:///', 110640000,
                   \(Self.metadata(table: "split_part(path, '/', 3)", index: "i"))
              FROM revision, generate_series(0, \(fileCount - 1)) AS i;
            """
    }
}
