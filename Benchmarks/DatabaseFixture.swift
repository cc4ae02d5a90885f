import Glibc
import PrivatePostgres
import ProgressPostgres

/// Jobs of three tables with 10, 1,000 and 10,000 linked files each.
enum DatabaseFixture {
    /// Files for each table, by job from 1.
    private static let fileCounts = [10, 1_000, 10_000]

    /// Starts PostgreSQL, fills it, prints the connection string, and waits for the end of the input.
    static func run(in directory: String) throws {
        let cluster = try PrivateCluster(
            .init(directory: directory),
            installation: try PostgresInstallation.find()
        )
        defer { cluster.stop() }
        let conninfo = cluster.conninfo(database: "postgres")
        let session = try PostgresSession(conninfo: conninfo)
        try session.execute(AmpSchema.currentScript)
        try session.execute("INSERT INTO workers (node_id, heartbeat_at) VALUES ('n', now())")
        for count in self.fileCounts { try session.execute(self.jobScript(fileCount: count)) }
        try session.execute("VACUUM ANALYZE")
        print(conninfo)
        // A pipe would keep the line until the end.
        fflush(nil)
        while readLine() != nil {}
    }

    private static func jobScript(fileCount: Int) -> String {
        """
        WITH job AS (
            INSERT INTO jobs (node_id, idempotency_key) VALUES ('n', 'job of \(fileCount)') RETURNING id
        ), status AS (
            INSERT INTO jobs_status (job_id, node_id, status) SELECT id, 'n', 'RUNNING' FROM job
        ), event AS (
            INSERT INTO job_events (job_id, node_id, event_type, detail)
            SELECT id, 'n', 'SCHEDULED', jsonb_build_object(
                       'kind', 'materialize-raw', 'dataset_namespace', 'bench',
                       'dataset_name', 'files_\(fileCount)', 'manifest_hash', 'h')
              FROM job
        ), revision AS (
            INSERT INTO physical_table_revisions (path, writer)
            SELECT 'bench/files_\(fileCount)/' || name, id
              FROM job, unnest(array['blocks', 'logs', 'transactions']) AS name
            RETURNING id, path
        ), activation AS (
            INSERT INTO physical_tables
                (dataset_namespace, dataset_name, table_name, manifest_hash, active_revision_id)
            SELECT 'bench', 'files_\(fileCount)', split_part(path, '/', 3), 'h', id FROM revision
        )
        INSERT INTO file_metadata (location_id, file_name, url, object_size, metadata)
        SELECT id, lpad(i::text, 9, '0') || '.parquet', 'file:///', 110640000,
               jsonb_build_object(
                   'table', split_part(path, '/', 3), 'filename', lpad(i::text, 9, '0') || '.parquet',
                   'created_at', jsonb_build_object('secs', 1700000000 + i, 'nanos', 0),
                   'ranges', jsonb_build_array(jsonb_build_object(
                       'numbers', jsonb_build_object('start', i * 1000, 'end', i * 1000 + 999),
                       'network', 'mainnet', 'timestamp', 1600000000 + i,
                       'hash', '0x' || md5('a' || i) || md5('b' || i),
                       'prev_hash', '0x' || md5('a' || i - 1) || md5('b' || i - 1))))
          FROM revision, generate_series(0, \(fileCount - 1)) AS i;
        """
    }
}
