import ProgressPostgres

/// What is asked about jobs as such: which there are, what they are, what happened to them.
enum JobStatements {
    /// Jobs below $4, from the highest down, at most $6, with one of the statuses $5 in upper case;
    /// no status: all.
    static let list = Statement(
        name: "job_list",
        sql: """
            \(shownJobs)
               AND j.id < $4 AND (cardinality($5::text[]) = 0 OR upper(s.status) = ANY ($5))
             ORDER BY j.id DESC LIMIT $6
            """
    )

    /// Jobs above $4 that were ever scheduled for dataset $5/$6 with manifest $7, from the lowest up,
    /// at most $8.
    ///
    /// No index helps: all events are looked at, as Amp does.
    static let datasetList = Statement(
        name: "dataset_job_list",
        sql: """
            \(shownJobs)
               AND j.id > $4 AND j.id IN (
                   SELECT x.job_id FROM public.job_events AS x
                    CROSS JOIN LATERAL (
                          SELECT coalesce(x.detail -> 'Dump', x.detail) AS descriptor) AS y
                    WHERE x.event_type = 'SCHEDULED' AND x.job_id > $4
                          AND y.descriptor ->> 'dataset_namespace' = $5
                          AND y.descriptor ->> 'dataset_name' = $6
                          AND y.descriptor ->> 'manifest_hash' = $7)
             ORDER BY j.id LIMIT $8
            """
    )

    /// The job $4.
    static let one = Statement(name: "job_one", sql: "\(shownJobs) AND j.id = $4")

    /// The events of job $1 above $2, from the lowest up, at most $3: event bigint, time in
    /// microseconds bigint, node text, type text, NULL.
    static let events = Statement(
        name: "job_event_list",
        sql: """
            SELECT x.id, \(microseconds("x.created_at")), x.node_id, x.event_type, NULL::jsonb
              FROM public.job_events AS x
             WHERE x.job_id = $1 AND x.id > $2
             ORDER BY x.id LIMIT $3
            """
    )

    /// The event $2 of job $1: as ``events``, then its detail jsonb?.
    static let event = Statement(
        name: "job_event",
        sql: """
            SELECT x.id, \(microseconds("x.created_at")), x.node_id, x.event_type, x.detail
              FROM public.job_events AS x
             WHERE x.job_id = $1 AND x.id = $2
            """
    )

    /// The manifest hash text that a tag $3 of dataset $1/$2 stands for.
    static let tag = Statement(
        name: "dataset_tag",
        sql: """
            SELECT t.hash FROM public.tags AS t
             WHERE t.namespace = $1 AND t.name = $2 AND t.version = $3
            """
    )

    /// The hash $3 text, if it is that of a manifest of dataset $1/$2.
    static let manifest = Statement(
        name: "dataset_manifest",
        sql: """
            SELECT m.hash FROM public.dataset_manifests AS m
             WHERE m.namespace = $1 AND m.name = $2 AND m.hash = $3
            """
    )

    /// The jobs of a scope: all if bigint $1 is 1, else those whose dataset, or one of whose tables,
    /// matches one of the patterns with namespaces $2 and names $3, where '' matches any.
    ///
    /// job bigint, created and updated in microseconds bigint, node text, status text, descriptor
    /// jsonb?, namespace text?, name text?. Conditions may follow.
    private static let shownJobs = """
        WITH pattern AS (
                 SELECT p.namespace, p.name
                   FROM unnest($2::text[], $3::text[]) AS p (namespace, name)),
             shown AS MATERIALIZED (
                 SELECT r.writer FROM public.physical_table_revisions AS r
                   JOIN public.physical_tables AS t ON t.active_revision_id = r.id
                  WHERE $1::bigint = 0 AND r.writer IS NOT NULL AND EXISTS (
                        SELECT FROM pattern AS p
                         WHERE p.namespace IN ('', t.dataset_namespace)
                               AND p.name IN ('', t.dataset_name)))
        SELECT j.id, \(microseconds("j.created_at")), \(microseconds("s.updated_at")), s.node_id,
               s.status, e.detail, d.namespace, d.name
          FROM public.jobs AS j
          JOIN public.jobs_status AS s ON s.job_id = j.id
          LEFT JOIN LATERAL (
               SELECT x.detail
                 FROM public.job_events AS x
                WHERE x.job_id = j.id AND x.event_type = 'SCHEDULED' AND x.detail IS NOT NULL
                ORDER BY x.id DESC
                LIMIT 1) AS e ON true
         CROSS JOIN LATERAL (
               SELECT coalesce(e.detail ->> 'dataset_namespace',
                               e.detail -> 'Dump' ->> 'dataset_namespace') AS namespace,
                      coalesce(e.detail ->> 'dataset_name',
                               e.detail -> 'Dump' ->> 'dataset_name') AS name) AS d
         WHERE ($1::bigint = 1 OR j.id IN (SELECT h.writer FROM shown AS h)
                OR d.namespace IS NOT NULL AND d.name IS NOT NULL AND EXISTS (
                   SELECT FROM pattern AS p
                    WHERE p.namespace IN ('', d.namespace) AND p.name IN ('', d.name)))
        """

    private static func microseconds(_ column: String) -> String {
        "(extract(epoch FROM \(column)) * 1000000)::bigint"
    }
}
