import ProgressPostgres

/// What is asked about change tracking; every name is qualified or of `pg_catalog`.
enum TrackingStatements {
    /// A boolean expression that is true while rows of the catalog are as they were seen, and while
    /// logical replication, whose changes fire no trigger of a statement, fills none of Amp's tables.
    ///
    /// A row that was updated, removed or made anew is not where it was, or has another `xmin`; what
    /// VACUUM and ANALYZE write, they write in place. So this notices triggers that are dropped,
    /// disabled or replaced, functions that are altered, tables and schemas that are renamed, migrated or
    /// granted anew, and a log that is emptied by TRUNCATE. PostgreSQL finds rows by place faster than by any key.
    static func isUnchanged(
        _ rows: [String: Set<CatalogRow>],
        ampSchema: Int64,
        ampTables: [Int64]
    ) -> String {
        let parts = rows.sorted { $0.key < $1.key }.map { table, rows in
            let places = rows.map { "\"\($0.place)\"" }.sorted().joined(separator: ",")
            let versions = Set(rows.map(\.version)).sorted().joined(separator: ",")
            return """
                SELECT FROM pg_catalog.\(table) AS t
                 WHERE t.ctid = ANY ('{\(places)}'::tid[]) AND t.xmin = ANY ('{\(versions)}'::xid[])
                """
        }
        let count = rows.values.reduce(0) { $0 + $1.count }
        return """
            to_regnamespace('public') = \(ampSchema) AND
            (SELECT count(*) FROM (\(parts.joined(separator: " UNION ALL "))) AS r) = \(count)
            AND NOT EXISTS (SELECT FROM pg_catalog.pg_subscription_rel AS s
                             WHERE s.srrelid = ANY ('{\(ampTables.map(String.init).joined(separator: ","))}'))
            """
    }

    /// The tables of `pg_catalog` whose rows ``catalog`` shows, by its kinds that have a place.
    static let catalogTables = [
        "amp table": "pg_class", "table": "pg_class", "function": "pg_proc",
        "trigger": "pg_trigger",
    ]

    /// What the catalog shows of the tracking, in one snapshot: kind text, name text, value text, oid bigint,
    /// place text: `ctid` and `xmin` of the row that shows it, for those of ``catalogTables``.
    ///
    /// Readable by every role, whether schema `progress` exists or not.
    static let catalog = Statement(
        name: "tracking_catalog",
        sql: """
            WITH ours AS (SELECT oid FROM pg_catalog.pg_namespace WHERE nspname = 'progress'),
            amp AS (
                SELECT c.oid, c.relname, c.ctid, c.xmin FROM pg_catalog.pg_class AS c
                  JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
                 WHERE n.nspname = 'public' AND c.relkind IN ('r', 'p')
                       AND c.relname = ANY ('{\(TrackedTable.names)}'::name[]))
            SELECT 'schema', 'progress', has_schema_privilege(oid, 'USAGE')::text, oid::bigint, NULL
              FROM ours
            UNION ALL
            SELECT 'amp schema', nspname, '', oid::bigint, NULL
              FROM pg_catalog.pg_namespace WHERE nspname = 'public'
            UNION ALL
            SELECT 'amp table', relname, '', oid::bigint, ctid || ' ' || xmin FROM amp
            UNION ALL
            SELECT 'amp column', amp.relname || '.' || a.attname, '', 0, NULL
              FROM amp JOIN pg_catalog.pg_attribute AS a ON a.attrelid = amp.oid
             WHERE a.attnum > 0 AND NOT a.attisdropped
            UNION ALL
            SELECT 'replicated', amp.relname, '', 0, NULL
              FROM amp JOIN pg_catalog.pg_subscription_rel AS s ON s.srrelid = amp.oid
            UNION ALL
            SELECT 'table', c.relname,
                   (SELECT string_agg(
                               a.attname || ' ' || format_type(a.atttypid, a.atttypmod)
                               || CASE WHEN a.attnotnull THEN ' NOT NULL' ELSE '' END
                               || coalesce(' DEFAULT ' || pg_get_expr(d.adbin, d.adrelid), ''),
                               ', ' ORDER BY a.attnum)
                      FROM pg_catalog.pg_attribute AS a
                      LEFT JOIN pg_catalog.pg_attrdef AS d
                             ON d.adrelid = a.attrelid AND d.adnum = a.attnum
                     WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped),
                   c.oid::bigint, c.ctid || ' ' || c.xmin
              FROM pg_catalog.pg_class AS c JOIN ours ON ours.oid = c.relnamespace
             WHERE c.relkind NOT IN ('i', 'I', 't', 'c')
            UNION ALL
            SELECT 'readable', c.relname, '', 0, NULL
              FROM pg_catalog.pg_class AS c JOIN ours ON ours.oid = c.relnamespace
             WHERE c.relkind = 'r' AND has_table_privilege(c.oid, 'SELECT')
            UNION ALL
            SELECT 'index', c.relname,
                   t.relname || ' (' || pg_get_indexdef(c.oid, 1, false) || ')', 0, NULL
              FROM pg_catalog.pg_index AS i
              JOIN pg_catalog.pg_class AS c ON c.oid = i.indexrelid
              JOIN pg_catalog.pg_class AS t ON t.oid = i.indrelid
              JOIN ours ON ours.oid = c.relnamespace
             WHERE i.indisvalid AND i.indpred IS NULL
            UNION ALL
            SELECT 'function', p.proname,
                   l.lanname || ' ' || p.prosecdef::text || ' '
                   || coalesce(array_to_string(p.proconfig, ';'), '') || ' ' || p.prosrc,
                   p.oid::bigint, p.ctid || ' ' || p.xmin
              FROM pg_catalog.pg_proc AS p JOIN ours ON ours.oid = p.pronamespace
              JOIN pg_catalog.pg_language AS l ON l.oid = p.prolang
            UNION ALL
            SELECT 'trigger', amp.relname || '.' || t.tgname,
                   t.tgenabled::text || ' ' || t.tgtype || ' ' || n.nspname || '.' || p.proname
                   || ' ' || coalesce(t.tgoldtable, '-') || ' ' || coalesce(t.tgnewtable, '-')
                   || CASE WHEN t.tgqual IS NULL AND t.tgattr::text = '' THEN ''
                           ELSE ' conditional' END,
                   t.oid::bigint, t.ctid || ' ' || t.xmin
              FROM amp JOIN pg_catalog.pg_trigger AS t ON t.tgrelid = amp.oid
              JOIN pg_catalog.pg_proc AS p ON p.oid = t.tgfoid
              JOIN pg_catalog.pg_namespace AS n ON n.oid = p.pronamespace
             WHERE NOT t.tgisinternal AND t.tgname LIKE 'progress\\_%'
            """
    )

    /// version bigint, installed at text, tables text: no row if the row is gone.
    static let meta = Statement(
        name: "tracking_meta",
        sql: """
            SELECT version, to_char(installed_at, 'YYYY-MM-DD HH24:MI "UTC"'),
                   array_to_string(tables, ', ')
              FROM progress.meta LIMIT 1
            """
    )

    /// Rows of the log bigint, age of the oldest in transactions bigint?, seconds since the last pruning
    /// bigint?.
    static let logSize = Statement(
        name: "tracking_log_size",
        sql: """
            SELECT (SELECT count(*) FROM progress.log),
                   (SELECT pg_snapshot_xmax(pg_current_snapshot())::text::bigint - xid::text::bigint
                      FROM progress.log ORDER BY xid LIMIT 1),
                   (SELECT floor(extract(epoch FROM clock_timestamp() - max(taken_at)))::bigint
                      FROM progress.horizon WHERE taken_at > '-infinity')
            """
    )
}
