import ProgressPostgres

/// All that the server asks PostgreSQL.
///
/// Every name is qualified, or of `pg_catalog`, the only schema that is searched. The same statements
/// serve eras F and G: they read nothing that G dropped.
enum Statements {
    /// Starts the one moment that an answer is of; the next statement fixes it.
    static let begin = Statement(
        name: "begin",
        sql: "BEGIN ISOLATION LEVEL REPEATABLE READ, READ ONLY"
    )

    static let commit = Statement(name: "commit", sql: "COMMIT")

    /// The snapshot: pg_snapshot.
    static let snapshot = Statement(name: "snapshot", sql: "SELECT pg_current_snapshot()")

    /// Keeps TRUNCATE and rewriting migrations out until the transaction ends, as neither minds
    /// snapshots: of a table emptied after its snapshot a transaction would see no rows.
    ///
    /// It must come before the statement that fixes the snapshot. It waits for nobody.
    static let lockTables = Statement(name: "lock_tables", sql: "\(lockTablesSQL) NOWAIT")

    /// As ``lockTables``, but waiting as long as `lock_timeout` allows.
    static let lockTablesPatiently = Statement(name: "lock_tables_patiently", sql: lockTablesSQL)

    private static let lockTablesSQL = """
        LOCK TABLE public.jobs, public.jobs_status, public.job_events, public.physical_tables,
                   public.physical_table_revisions, public.file_metadata
          IN ACCESS SHARE MODE
        """

    /// As ``lockTablesPatiently``, of the files alone.
    static let lockFiles = Statement(
        name: "lock_files",
        sql: "LOCK TABLE public.file_metadata IN ACCESS SHARE MODE"
    )

    /// Of the jobs $1: job bigint, status text, dataset namespace text?, dataset name text?.
    ///
    /// A job without a row in `jobs_status` does not exist, as in Amp. The dataset is that of the
    /// latest scheduling that names one; jobs of old releases name it one level deeper.
    static let jobs = Statement(
        name: "jobs",
        sql: """
            SELECT j.id, s.status,
                   coalesce(e.detail ->> 'dataset_namespace',
                            e.detail -> 'Dump' ->> 'dataset_namespace'),
                   coalesce(e.detail ->> 'dataset_name', e.detail -> 'Dump' ->> 'dataset_name')
              FROM public.jobs AS j
              JOIN public.jobs_status AS s ON s.job_id = j.id
              LEFT JOIN LATERAL (
                   SELECT x.detail
                     FROM public.job_events AS x
                    WHERE x.job_id = j.id AND x.event_type = 'SCHEDULED'
                          AND x.detail IS NOT NULL
                    ORDER BY x.id DESC
                    LIMIT 1) AS e ON true
             WHERE j.id = ANY ($1)
            """
    )

    /// Of the jobs $1: job bigint, revision bigint, namespace text, name text, manifest hash text,
    /// table text.
    static let tables = Statement(
        name: "tables",
        sql: """
            SELECT r.writer, r.id, t.dataset_namespace, t.dataset_name, t.manifest_hash,
                   t.table_name
              FROM public.physical_table_revisions AS r
              JOIN public.physical_tables AS t ON t.active_revision_id = r.id
             WHERE r.writer = ANY ($1)
            """
    )

    /// Of those of the jobs $1 that failed: job bigint, detail jsonb?.
    ///
    /// The detail is that of the newest event that brought the present status. No row, or NULL: no
    /// detail.
    static let details = Statement(
        name: "details",
        sql: """
            SELECT s.job_id, e.detail
              FROM public.jobs_status AS s
              JOIN LATERAL (
                   SELECT x.detail
                     FROM public.job_events AS x
                    WHERE x.job_id = s.job_id AND x.event_type = upper(s.status)
                    ORDER BY x.id DESC
                    LIMIT 1) AS e ON true
             WHERE s.job_id = ANY ($1) AND upper(s.status) IN ('ERROR', 'FATAL')
            """
    )

    /// Of revision $1: file bigint, size bigint?, metadata jsonb, version xid, revision bigint.
    static let files = Statement(
        name: "files",
        sql: """
            SELECT f.id, f.object_size, f.metadata, f.xmin, f.location_id
              FROM public.file_metadata AS f
             WHERE f.location_id = $1
            """,
        isStreamed: true
    )

    /// Of the files $1: as ``files``.
    static let filesByID = Statement(
        name: "files_by_id",
        sql: """
            SELECT f.id, f.object_size, f.metadata, f.xmin, f.location_id
              FROM public.file_metadata AS f
             WHERE f.id = ANY ($1)
            """,
        isStreamed: true
    )

    /// Of those of the revisions $1 that have files: revision bigint, files bigint[], their versions
    /// xid[].
    ///
    /// Each by itself: a plan for any number of revisions takes them for most of the table, and reads
    /// all of it.
    static let fileVersions = Statement(
        name: "file_versions",
        sql: """
            SELECT r.id, v.files, v.versions
              FROM unnest($1::bigint[]) AS r (id)
             CROSS JOIN LATERAL (
                   SELECT array_agg(f.id) AS files, array_agg(f.xmin) AS versions
                     FROM public.file_metadata AS f
                    WHERE f.location_id = r.id) AS v
             WHERE v.files IS NOT NULL
            """
    )

    /// Which of the tables $1, of the columns $2 (as "table.column") exist, and which of the tables $3
    /// may not be read.
    ///
    /// Each as text, joined by commas; then the number of tables bigint, and whether the server is a
    /// standby boolean.
    static let catalogShape = Statement(
        name: "catalog_shape",
        sql: """
            SELECT (SELECT string_agg(x.name, ',') FROM unnest($1::text[]) AS x (name)
                     WHERE to_regclass('public.' || x.name) IS NOT NULL),
                   (SELECT string_agg(x.name, ',') FROM unnest($2::text[]) AS x (name)
                      JOIN pg_attribute AS a
                        ON a.attrelid = to_regclass('public.' || split_part(x.name, '.', 1))
                       AND a.attname = split_part(x.name, '.', 2) AND NOT a.attisdropped),
                   (SELECT string_agg(x.name, ',') FROM unnest($3::text[]) AS x (name)
                     WHERE to_regclass('public.' || x.name) IS NOT NULL
                       AND NOT has_table_privilege(to_regclass('public.' || x.name), 'SELECT')),
                   (SELECT count(*) FROM pg_class AS c
                      JOIN pg_namespace AS n ON n.oid = c.relnamespace
                     WHERE c.relkind IN ('r', 'p')
                       AND n.nspname NOT IN ('pg_catalog', 'information_schema')
                       AND n.nspname NOT LIKE 'pg\\_%'),
                   pg_is_in_recovery()
            """
    )
}
