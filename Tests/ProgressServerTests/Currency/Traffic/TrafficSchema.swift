import ProgressPostgres
import TestSupport

/// The schema `traffic` of a test database: what the random writers need for short statements.
enum TrafficSchema {
    static let script = """
        CREATE SCHEMA traffic;
        CREATE VIEW traffic.files AS
            SELECT id, location_id, object_size,
                   (metadata #>> '{ranges,0,numbers,start}')::bigint AS first,
                   (metadata #>> '{ranges,0,numbers,end}')::bigint AS last
              FROM public.file_metadata;

        CREATE FUNCTION traffic.document(first bigint, last bigint, seconds bigint) RETURNS jsonb
        LANGUAGE sql AS $$
            SELECT jsonb_build_object(
                'table', 't', 'filename', first || '.parquet',
                'created_at', jsonb_build_object('secs', seconds, 'nanos', 0),
                'ranges', jsonb_build_array(jsonb_build_object(
                    'numbers', jsonb_build_object('start', first, 'end', last),
                    'network', 'mainnet', 'timestamp', 1600000000,
                    'hash', '0x' || md5('a' || last) || md5('b' || last),
                    'prev_hash', '0x' || md5('a' || first - 1) || md5('b' || first - 1))))
        $$;

        -- The block behind the first run of files without a hole.
        CREATE FUNCTION traffic.next_block(revision bigint) RETURNS bigint
        LANGUAGE sql AS $$
            SELECT coalesce(min(a.last) + 1, 0) FROM traffic.files AS a
             WHERE a.location_id = revision AND NOT EXISTS (
                   SELECT FROM traffic.files AS b
                    WHERE b.location_id = revision AND b.first = a.last + 1)
        $$;

        CREATE FUNCTION traffic.next_id() RETURNS bigint LANGUAGE sql AS $$
            SELECT nextval(pg_get_serial_sequence('public.file_metadata', 'id'))
        $$;

        CREATE FUNCTION traffic.add_file(
            file bigint, revision bigint, first bigint, last bigint, seconds bigint, size bigint
        ) RETURNS void LANGUAGE sql AS $$
            INSERT INTO public.file_metadata (id, location_id, file_name, url, object_size, metadata)
            OVERRIDING SYSTEM VALUE
            VALUES (file, revision, file || '.parquet', 'file:///', size,
                    traffic.document(first, last, seconds))
            ON CONFLICT DO NOTHING
        $$;

        CREATE FUNCTION traffic.fill(revision bigint, file_count bigint, size bigint) RETURNS void
        LANGUAGE sql AS $$
            INSERT INTO public.file_metadata (location_id, file_name, url, object_size, metadata)
            SELECT revision, 'fill ' || traffic.next_id(), 'file:///', size + i,
                   traffic.document(start + i * 10, start + i * 10 + 9, 1700000000)
              FROM traffic.next_block(revision) AS start, generate_series(0, file_count - 1) AS i
        $$;
        """

    /// Jobs, tables, two revisions of some tables, and files; rows in a second dataset, not active.
    static func populate(_ database: AmpDatabase, jobCount: Int, fileCount: Int64) async throws {
        for number in 0..<jobCount {
            let dataset = "ns\(number)/main"
            let job = try await database.addJob(dataset: dataset)
            for table in ["blocks", "logs", "transactions"].prefix(2 + number % 2) {
                _ = try await database.addTable(table, of: dataset, job: job, hash: "h\(number)")
            }
        }
        try await database.execute(
            """
            INSERT INTO physical_tables
                (dataset_namespace, dataset_name, table_name, manifest_hash, active_revision_id)
            SELECT 'zeta', 'copy', table_name, manifest_hash, NULL FROM physical_tables;
            INSERT INTO physical_table_revisions (path, writer)
            SELECT path || '/spare', writer FROM physical_table_revisions WHERE id % 3 = 0;
            SELECT traffic.fill(id, \(fileCount), 100) FROM physical_table_revisions;
            """
        )
    }
}
