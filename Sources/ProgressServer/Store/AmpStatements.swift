import ProgressPostgres

/// What is asked of Amp's tables other than the files, for one era of them.
///
/// Every era has the same statements, made of the same parts: which rows stand for a job, for a table
/// that a job writes, and for an event. Names differ, as a session may live through a change of eras.
struct AmpStatements: Sendable {
    /// Keeps TRUNCATE and rewriting migrations out until the transaction ends, as neither minds
    /// snapshots: of a table emptied after its snapshot a transaction would see no rows.
    ///
    /// It must come before the statement that fixes the snapshot. It waits for nobody.
    let lockTables: Statement
    /// As ``lockTables``, but waiting as long as `lock_timeout` allows.
    let lockTablesPatiently: Statement
    /// Of the jobs $1: job bigint, status text, dataset namespace text?, dataset name text?, end
    /// block text?, time of the status in microseconds bigint?.
    ///
    /// The dataset is that of the latest scheduling that names one; jobs of old releases name it one
    /// level deeper.
    let jobs: Statement
    /// Of the jobs $1: job bigint, revision bigint, namespace text, name text, manifest hash text,
    /// table text.
    let tables: Statement
    /// Of those of the jobs $1 that failed: job bigint, detail jsonb?.
    ///
    /// The detail is that of the newest event that brought the present status. No row, or NULL: no
    /// detail.
    let details: Statement
    /// Jobs of a scope below $4, from the highest down, at most $6, with one of the statuses $5 in
    /// upper case; no status: all.
    let jobList: Statement
    /// Jobs of a scope above $4 that were ever scheduled for dataset $5/$6 with manifest $7, from the
    /// lowest up, at most $8.
    ///
    /// No index helps: all schedulings are looked at, as Amp does.
    let datasetJobList: Statement
    /// The job $4, if it is of a scope.
    let job: Statement
    /// The events of job $1 above $2, from the lowest up, at most $3: event bigint, time in
    /// microseconds bigint, node text, type text, NULL.
    let events: Statement
    /// The event $2 of job $1: as ``events``, but with its detail jsonb?.
    let event: Statement

    /// Those of an era.
    static func of(_ era: SchemaEra) -> Self { Self.all[era] ?? Self(.f) }

    private static let all = Dictionary(
        uniqueKeysWithValues: SchemaEra.allCases.map { ($0, Self($0)) }
    )

    private init(_ era: SchemaEra) {
        let rows = AmpRows(era)
        func statement(_ name: String, _ sql: String) -> Statement {
            Statement(name: "\(name)_\(era.rawValue)", sql: sql)
        }
        let tables = CatalogShape.neededTables(in: era).map { "public.\($0)" }
        let lock = "LOCK TABLE \(tables.joined(separator: ", ")) IN ACCESS SHARE MODE"
        self.lockTables = statement("lock_tables", "\(lock) NOWAIT")
        self.lockTablesPatiently = statement("lock_tables_patiently", lock)
        self.jobs = statement(
            "jobs",
            """
            SELECT j.id, j.status, \(Self.datasetColumns),
                   coalesce(j.descriptor ->> 'end_block', j.descriptor -> 'Dump' ->> 'end_block'),
                   CASE WHEN isfinite(j.updated_at) THEN \(Self.microseconds("j.updated_at")) END
              FROM (\(rows.jobs)) AS j WHERE j.id = ANY ($1)
            """
        )
        self.tables = statement(
            "tables",
            """
            SELECT t.writer, t.revision, t.dataset_namespace, t.dataset_name, t.manifest_hash,
                   t.table_name
              FROM (\(rows.tables)) AS t WHERE t.writer = ANY ($1)
            """
        )
        self.details = statement(
            "details",
            """
            SELECT j.id, e.detail
              FROM (\(rows.jobs)) AS j
              JOIN LATERAL (
                   SELECT x.detail FROM (\(rows.events)) AS x
                    WHERE x.job_id = j.id AND x.event_type = upper(j.status)
                    ORDER BY x.id DESC LIMIT 1) AS e ON true
             WHERE j.id = ANY ($1) AND upper(j.status) IN ('ERROR', 'FATAL')
            """
        )
        let shown = Self.shownJobs(rows)
        self.jobList = statement(
            "job_list",
            """
            \(shown)
               AND j.id BETWEEN 1 AND $4 - 1 AND (cardinality($5::text[]) = 0 OR upper(j.status) = ANY ($5))
             ORDER BY j.id DESC LIMIT $6
            """
        )
        self.datasetJobList = statement(
            "dataset_job_list",
            """
            \(shown)
               AND j.id > $4 AND j.id IN (
                   SELECT x.job_id FROM (\(rows.schedulings)) AS x
                    CROSS JOIN LATERAL (
                          SELECT coalesce(x.detail -> 'Dump', x.detail) AS descriptor) AS y
                    WHERE x.job_id > $4 AND y.descriptor ->> 'dataset_namespace' = $5
                          AND y.descriptor ->> 'dataset_name' = $6
                          AND y.descriptor ->> 'manifest_hash' = $7)
             ORDER BY j.id LIMIT $8
            """
        )
        self.job = statement("job", "\(shown) AND j.id = $4")
        self.events = statement(
            "events",
            """
            SELECT x.id, \(Self.microseconds("x.created_at")), x.node_id, x.event_type, NULL::jsonb
              FROM (\(rows.events)) AS x
             WHERE x.job_id = $1 AND x.id > $2 ORDER BY x.id LIMIT $3
            """
        )
        self.event = statement(
            "event",
            """
            SELECT x.id, \(Self.microseconds("x.created_at")), x.node_id, x.event_type, x.detail
              FROM (\(rows.events)) AS x WHERE x.job_id = $1 AND x.id = $2
            """
        )
    }

    /// The jobs of a scope: all if bigint $1 is 1, else those whose dataset, or one of whose tables,
    /// matches one of the patterns with namespaces $2 and names $3, where '' matches any.
    ///
    /// job bigint, created and updated in microseconds bigint, node text, status text, descriptor
    /// jsonb?, namespace text?, name text?. Conditions may follow.
    private static func shownJobs(_ rows: AmpRows) -> String {
        """
        WITH pattern AS (
                 SELECT p.namespace, p.name
                   FROM unnest($2::text[], $3::text[]) AS p (namespace, name)),
             shown AS MATERIALIZED (
                 SELECT t.writer FROM (\(rows.tables)) AS t
                  WHERE $1::bigint = 0 AND t.writer IS NOT NULL AND EXISTS (
                        SELECT FROM pattern AS p
                         WHERE p.namespace IN ('', t.dataset_namespace)
                               AND p.name IN ('', t.dataset_name)))
        SELECT j.id, \(self.microseconds("j.created_at")), \(self.microseconds("j.updated_at")),
               j.node_id, j.status, j.descriptor, d.namespace, d.name
          FROM (\(rows.jobs)) AS j
         CROSS JOIN LATERAL (SELECT \(self.datasetColumns)) AS d (namespace, name)
         WHERE ($1::bigint = 1 OR j.id IN (SELECT h.writer FROM shown AS h)
                OR d.namespace IS NOT NULL AND d.name IS NOT NULL AND EXISTS (
                   SELECT FROM pattern AS p
                    WHERE p.namespace IN ('', d.namespace) AND p.name IN ('', d.name)))
        """
    }

    private static let datasetColumns = """
        coalesce(j.descriptor ->> 'dataset_namespace',
                 j.descriptor -> 'Dump' ->> 'dataset_namespace'),
        coalesce(j.descriptor ->> 'dataset_name', j.descriptor -> 'Dump' ->> 'dataset_name')
        """

    /// A time as a number, those that a number of 64 bits cannot hold, as infinite ones, as about the
    /// nearest that it can: one odd row is not to fail all of a page.
    private static func microseconds(_ column: String) -> String {
        """
        (extract(epoch FROM least(greatest(\(column), '4713-01-01 00:00:00+00 BC'::timestamptz),
                                  '294246-12-31 23:59:59.999999+00'::timestamptz)) * 1000000)::bigint
        """
    }
}

/// What stands for what in an era: SELECT statements with the same columns in each.
private struct AmpRows {
    /// id, created_at, node_id, status, updated_at, descriptor.
    ///
    /// A job without a row in `jobs_status` does not exist, as in Amp.
    let jobs: String
    /// revision, writer, dataset_namespace, dataset_name, manifest_hash, table_name: of active ones.
    let tables: String
    /// id, created_at, job_id, node_id, event_type, detail.
    let events: String
    /// job_id, detail: what jobs were scheduled for, as descriptors.
    let schedulings: String

    /// Whether it is the first days of era F, when `jobs` still had the descriptors and the events had
    /// none; the column that came when that changed is looked for once a statement.
    ///
    /// There the descriptor is read through the whole row, as statements are of F and G, which has no
    /// such column.
    private static let isEarlyF = """
        (SELECT count(*) = 0 FROM pg_attribute AS a
          WHERE a.attrelid = to_regclass('public.jobs') AND a.attname = 'idempotency_key'
                AND NOT a.attisdropped)
        """

    init(_ era: SchemaEra) {
        switch era {
        case .f, .g:
            self.jobs = """
                SELECT j.id, j.created_at, s.node_id, s.status, s.updated_at,
                       coalesce(e.detail, CASE WHEN \(Self.isEarlyF) THEN (
                           SELECT to_jsonb(o) -> 'descriptor' FROM public.jobs AS o
                            WHERE o.id = j.id) END) AS descriptor
                  FROM public.jobs AS j
                  JOIN public.jobs_status AS s ON s.job_id = j.id
                  LEFT JOIN LATERAL (
                       SELECT x.detail FROM public.job_events AS x
                        WHERE x.job_id = j.id AND x.event_type = 'SCHEDULED'
                              AND x.detail IS NOT NULL
                        ORDER BY x.id DESC LIMIT 1) AS e ON true
                """
            self.schedulings = """
                SELECT x.job_id, x.detail FROM public.job_events AS x
                 WHERE x.event_type = 'SCHEDULED'
                 UNION ALL
                SELECT o.id, to_jsonb(o) -> 'descriptor' FROM public.jobs AS o WHERE \(Self.isEarlyF)
                """
        case .c, .d, .e:
            // Once there is a `jobs_status`, the status here is stale: then the cast fails as a missing
            // table does, and the era is found out anew.
            self.jobs = """
                SELECT j.id, j.created_at, j.node_id,
                       CASE WHEN to_regclass('public.jobs_status') IS NULL THEN j.status
                            ELSE ('public.jobs_of_an_older_era'::text)::regclass::text END AS status,
                       j.updated_at, j.descriptor
                  FROM public.jobs AS j
                """
            self.schedulings = "SELECT j.id AS job_id, j.descriptor AS detail FROM public.jobs AS j"
        }
        self.tables =
            era == .c
            ? """
            SELECT t.id AS revision, t.writer, t.dataset_namespace, t.dataset_name, t.manifest_hash,
                   t.table_name
              FROM public.physical_tables AS t WHERE t.active
            """
            : """
            SELECT r.id AS revision, r.writer, t.dataset_namespace, t.dataset_name, t.manifest_hash,
                   t.table_name
              FROM public.physical_table_revisions AS r
              JOIN public.physical_tables AS t ON t.active_revision_id = r.id
            """
        switch era {
        case .c, .d:
            self.events = """
                SELECT NULL::bigint AS id, NULL::timestamptz AS created_at, NULL::bigint AS job_id,
                       NULL::text AS node_id, NULL::text AS event_type, NULL::jsonb AS detail
                 WHERE false
                """
        case .e, .f, .g:
            self.events = """
                SELECT x.id, x.created_at, x.job_id, x.node_id, x.event_type, x.detail
                  FROM public.job_events AS x
                """
        }
    }
}
