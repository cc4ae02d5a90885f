import ProgressPostgres

/// What is asked about change tracking; every name is qualified or of `pg_catalog`.
enum TrackingStatements {
    /// A scalar subquery, text, that changes when any trigger or trigger function does, or when one of
    /// Amp's tables is no longer what its name stands for; in the snapshot of its statement.
    ///
    /// Its parts: enabled-always triggers, sum of their rows' xmin, sum of the functions' rows' xmin, tables
    /// that still bear their name, tables that logical replication fills, whose changes fire no trigger of
    /// a statement. PostgreSQL 15 needs 25 µs for it: 10 for triggers, 5 for functions, 9 for names, 1 for
    /// replication; and 10 more if the oids are a parameter that is to be cast.
    ///
    /// - Parameters:
    ///   - tables: SQL of type `oid[]`, Amp's tables.
    ///   - functions: SQL of type `oid[]`, the trigger functions.
    static func epoch(tables: String, functions: String) -> String {
        """
        (SELECT count(*) FILTER (WHERE t.tgenabled = 'A') || ':' || sum(t.xmin::text::bigint)
           FROM pg_catalog.pg_trigger AS t
          WHERE t.tgrelid = ANY (\(tables)) AND t.tgname LIKE 'progress\\_%')
        || ':' ||
        (SELECT coalesce(sum(p.xmin::text::bigint), 0)
           FROM pg_catalog.pg_proc AS p WHERE p.oid = ANY (\(functions)))
        || ':' ||
        (SELECT count(*) FROM pg_catalog.pg_class AS c
          WHERE c.oid = ANY (\(tables)) AND c.relname = ANY ('{\(TrackedTable.names)}'::name[])
                AND c.relnamespace =
                    (SELECT n.oid FROM pg_catalog.pg_namespace AS n WHERE n.nspname = 'public'))
        || ':' ||
        (SELECT count(*) FROM pg_catalog.pg_subscription_rel AS s WHERE s.srrelid = ANY (\(tables)))
        """
    }

    /// What the catalog shows of the tracking, in one snapshot: kind text, name text, value text, oid bigint.
    ///
    /// Readable by every role, whether schema `progress` exists or not.
    static let catalog = Statement(
        name: "tracking_catalog",
        sql: """
            WITH ours AS (SELECT oid FROM pg_catalog.pg_namespace WHERE nspname = 'progress'),
            amp AS (
                SELECT c.oid, c.relname FROM pg_catalog.pg_class AS c
                  JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
                 WHERE n.nspname = 'public' AND c.relkind IN ('r', 'p')
                       AND c.relname = ANY ('{\(TrackedTable.names)}'::name[]))
            SELECT 'schema', 'progress', has_schema_privilege(oid, 'USAGE')::text, oid::bigint
              FROM ours
            UNION ALL
            SELECT 'amp table', relname, '', oid::bigint FROM amp
            UNION ALL
            SELECT 'amp column', amp.relname || '.' || a.attname, '', 0
              FROM amp JOIN pg_catalog.pg_attribute AS a ON a.attrelid = amp.oid
             WHERE a.attnum > 0 AND NOT a.attisdropped
            UNION ALL
            SELECT 'replicated', amp.relname, '', 0
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
                   c.oid::bigint
              FROM pg_catalog.pg_class AS c JOIN ours ON ours.oid = c.relnamespace
             WHERE c.relkind NOT IN ('i', 'I', 't', 'c')
            UNION ALL
            SELECT 'readable', c.relname, '', 0
              FROM pg_catalog.pg_class AS c JOIN ours ON ours.oid = c.relnamespace
             WHERE c.relkind = 'r' AND has_table_privilege(c.oid, 'SELECT')
            UNION ALL
            SELECT 'index', c.relname,
                   t.relname || ' (' || pg_get_indexdef(c.oid, 1, false) || ')', 0
              FROM pg_catalog.pg_index AS i
              JOIN pg_catalog.pg_class AS c ON c.oid = i.indexrelid
              JOIN pg_catalog.pg_class AS t ON t.oid = i.indrelid
              JOIN ours ON ours.oid = c.relnamespace
             WHERE i.indisvalid AND i.indpred IS NULL
            UNION ALL
            SELECT 'function', p.proname,
                   l.lanname || ' ' || p.prosecdef::text || ' '
                   || coalesce(array_to_string(p.proconfig, ';'), '') || ' ' || p.prosrc,
                   p.oid::bigint
              FROM pg_catalog.pg_proc AS p JOIN ours ON ours.oid = p.pronamespace
              JOIN pg_catalog.pg_language AS l ON l.oid = p.prolang
            UNION ALL
            SELECT 'trigger', amp.relname || '.' || t.tgname,
                   t.tgenabled::text || ' ' || t.tgtype || ' ' || n.nspname || '.' || p.proname
                   || ' ' || coalesce(t.tgoldtable, '-') || ' ' || coalesce(t.tgnewtable, '-')
                   || CASE WHEN t.tgqual IS NULL AND t.tgattr::text = '' THEN ''
                           ELSE ' conditional' END,
                   0
              FROM amp JOIN pg_catalog.pg_trigger AS t ON t.tgrelid = amp.oid
              JOIN pg_catalog.pg_proc AS p ON p.oid = t.tgfoid
              JOIN pg_catalog.pg_namespace AS n ON n.oid = p.pronamespace
             WHERE NOT t.tgisinternal AND t.tgname LIKE 'progress\\_%'
            UNION ALL
            SELECT 'epoch', '', \(epoch(
                tables: "ARRAY(SELECT oid FROM amp)",
                functions: """
                    ARRAY(SELECT p.oid FROM pg_catalog.pg_proc AS p JOIN ours ON ours.oid = p.pronamespace)
                    """
            )), 0
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
                      FROM progress.horizon)
            """
    )
}
