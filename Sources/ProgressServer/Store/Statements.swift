import ProgressPostgres

/// What the server asks PostgreSQL, whatever the era.
///
/// Every name is qualified, or of `pg_catalog`, the only schema that is searched. What differs by the
/// era of Amp's tables is in ``AmpStatements``.
enum Statements {
    /// Starts the one moment that an answer is of; the next statement fixes it.
    static let begin = Statement(
        name: "begin",
        sql: "BEGIN ISOLATION LEVEL REPEATABLE READ, READ ONLY"
    )

    static let commit = Statement(name: "commit", sql: "COMMIT")

    /// The snapshot: pg_snapshot.
    static let snapshot = Statement(name: "snapshot", sql: "SELECT pg_current_snapshot()")

    /// As ``AmpStatements/lockTablesPatiently``, of the files alone.
    static let lockFiles = Statement(
        name: "lock_files",
        sql: "LOCK TABLE public.file_metadata IN ACCESS SHARE MODE"
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

    /// Whether there are `jobs_status`, `job_events`, `physical_table_revisions`: boolean each.
    static let eraMarks = Statement(
        name: "era_marks",
        sql: """
            SELECT to_regclass('public.jobs_status') IS NOT NULL,
                   to_regclass('public.job_events') IS NOT NULL,
                   to_regclass('public.physical_table_revisions') IS NOT NULL
            """
    )

    /// The manifest hash text that a tag $3 of dataset $1/$2 stands for.
    static let datasetTag = Statement(
        name: "dataset_tag",
        sql: """
            SELECT t.hash FROM public.tags AS t
             WHERE t.namespace = $1 AND t.name = $2 AND t.version = $3
            """
    )

    /// The hash $3 text, if it is that of a manifest of dataset $1/$2.
    static let datasetManifest = Statement(
        name: "dataset_manifest",
        sql: """
            SELECT m.hash FROM public.dataset_manifests AS m
             WHERE m.namespace = $1 AND m.name = $2 AND m.hash = $3
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
