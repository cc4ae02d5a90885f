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

    /// The snapshot, as text.
    static let snapshot = Statement(
        name: "snapshot",
        sql: "SELECT pg_current_snapshot()::text"
    )

    /// Of job $1: status text, dataset namespace text?, dataset name text?.
    ///
    /// A job without a row in `jobs_status` does not exist, as in Amp. The dataset is that of the
    /// latest scheduling that names one; jobs of old releases name it one level deeper.
    static let job = Statement(
        name: "job",
        sql: """
            SELECT s.status,
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
             WHERE j.id = $1
            """
    )

    /// Of job $1: revision bigint, namespace text, name text, manifest hash text, table text.
    static let tables = Statement(
        name: "tables",
        sql: """
            SELECT r.id, t.dataset_namespace, t.dataset_name, t.manifest_hash, t.table_name
              FROM public.physical_table_revisions AS r
              JOIN public.physical_tables AS t ON t.active_revision_id = r.id
             WHERE r.writer = $1
            """
    )

    /// Of job $1: detail jsonb?.
    ///
    /// The detail is that of the newest event that brought the present status. No row, or NULL: no
    /// detail.
    static let detail = Statement(
        name: "detail",
        sql: """
            SELECT e.detail
              FROM public.jobs_status AS s
              JOIN public.job_events AS e ON e.job_id = s.job_id AND e.event_type = upper(s.status)
             WHERE s.job_id = $1 AND upper(s.status) IN ('ERROR', 'FATAL')
             ORDER BY e.id DESC
             LIMIT 1
            """
    )

    /// Of revision $1: file bigint, size bigint?, metadata jsonb.
    static let files = Statement(
        name: "files",
        sql: """
            SELECT f.id, f.object_size, f.metadata
              FROM public.file_metadata AS f
             WHERE f.location_id = $1
            """,
        isStreamed: true
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
