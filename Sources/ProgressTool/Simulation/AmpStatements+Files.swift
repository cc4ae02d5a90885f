extension AmpStatements {
    /// `$1` path, `$2` job, `$3` metadata.
    static let insertRevision = """
        INSERT INTO public.physical_table_revisions (path, writer, metadata)
        VALUES ($1, $2, $3::jsonb)
        RETURNING id
        """

    /// `$1` namespace, `$2` name, `$3` manifest hash, `$4` table, `$5` revision.
    static let activateRevision = """
        INSERT INTO public.physical_tables (
            dataset_namespace, dataset_name, manifest_hash, table_name, active_revision_id)
        VALUES ($1, $2, $3, $4, $5)
        ON CONFLICT (dataset_namespace, dataset_name, manifest_hash, table_name)
        DO UPDATE SET active_revision_id = excluded.active_revision_id, updated_at = now()
        """

    /// `$1` job: revision and name of each active table that it writes.
    static let tables = """
        SELECT r.id, min(t.table_name)
        FROM public.physical_table_revisions r
        JOIN public.physical_tables t ON t.active_revision_id = r.id
        WHERE r.writer = $1
        GROUP BY r.id ORDER BY 2, 1
        """

    /// `$1` revision, `$2` count: its files that end highest, the newest of equals first.
    static let newestFiles = """
        SELECT id, metadata->>'table', range->>'network',
            (range->'numbers'->>'start')::bigint, (range->'numbers'->>'end')::bigint,
            range->>'hash', coalesce(range->>'prev_hash', ''), coalesce(object_size, 0),
            (metadata->'created_at'->>'secs')::bigint,
            (metadata->'created_at'->>'nanos')::bigint
        FROM public.file_metadata, LATERAL (SELECT metadata->'ranges'->0) AS first(range)
        WHERE location_id = $1
        ORDER BY 5 DESC, 9 DESC, 10 DESC, 1 DESC LIMIT $2
        """

    /// `$1` revision, `$2` JSON array of `{file_name, object_size, metadata}`, `$3` URL of the
    /// revision: the names that are new, with their keys.
    static let insertFiles = """
        WITH file AS (
            INSERT INTO public.file_metadata (
                location_id, file_name, object_size, metadata, url)
            SELECT $1, f.file_name, f.object_size, f.metadata, $3
            FROM jsonb_to_recordset($2::jsonb)
                AS f(file_name text, object_size bigint, metadata jsonb)
            ON CONFLICT (location_id, file_name) DO NOTHING
            RETURNING id, file_name
        ), footer AS (
            INSERT INTO public.footer_cache (file_id, footer)
            SELECT id, convert_to('PAR1', 'UTF8') FROM file
        )
        SELECT id, file_name FROM file
        """

    /// `$1` revision: tells listeners that it has a new file, as a writer does.
    static let announce = "SELECT pg_notify('change-tracking', $1::bigint::text)::text"

    /// `$1` revision, `$2` keys of files, `$3` milliseconds until the collector may take them.
    static let scheduleCollection = """
        INSERT INTO public.gc_manifest (location_id, file_id, file_path, expiration)
        SELECT $1, id, file_name,
            timezone('UTC', now()) + $3::bigint * interval '1 millisecond'
        FROM public.file_metadata WHERE id = ANY($2)
        ON CONFLICT (file_id) DO UPDATE SET expiration = excluded.expiration
        """

    /// `$1` job: deletes the files whose time has come.
    static let collect = """
        DELETE FROM public.file_metadata WHERE id IN (
            SELECT g.file_id
            FROM public.gc_manifest g
            JOIN public.physical_table_revisions r ON r.id = g.location_id
            WHERE r.writer = $1 AND g.expiration <= timezone('UTC', now())
        )
        """
}
