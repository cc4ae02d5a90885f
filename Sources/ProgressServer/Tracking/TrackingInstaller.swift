import ProgressPostgres

/// Installs, mends and removes change tracking, each in one transaction.
struct TrackingInstaller {
    let connection: PostgresConnection
    var locking = TableLocking()
    let limit: WaitLimit

    /// Makes the database as ``TrackingDefinition`` says, and lets roles read the log.
    ///
    /// - Returns: Whether anything but grants was changed.
    /// - Throws: ``TrackingError`` or ``PostgresError``; then nothing is changed.
    func install(readers: [String]) throws -> Bool {
        let catalog = try self.checkedCatalog()
        guard try !self.isCurrent(catalog) else {
            try self.locking.transaction(on: self.connection, limit: self.limit) {
                try self.grant(to: readers)
            }
            return false
        }
        try self.locking.transaction(on: self.connection, limit: self.limit) {
            try self.startAlone()
            let catalog = try self.checkedCatalog()
            let script = TrackingScript(installingInto: catalog)
            try self.run(script.preparation)
            if let mode = script.lock {
                try self.locking.lock(
                    TrackedTable.all.map { "public.\($0.name)" },
                    mode: mode,
                    on: self.connection,
                    limit: self.limit
                )
            }
            try self.run(script.attachment)
            try self.recordVersion()
            try self.grant(to: readers)
            let damage = try self.connection.trackingCatalog(limit: self.limit).damage
            guard damage.isEmpty else {
                throw TrackingError(
                    "cannot be mended, nothing was changed: \(damage.joined(separator: "; "))"
                )
            }
        }
        return true
    }

    /// Drops the triggers and the schema.
    ///
    /// - Returns: Whether there was anything to drop.
    func remove() throws -> Bool {
        let catalog = try self.connection.trackingCatalog(limit: self.limit)
        guard catalog.isOurs else {
            guard catalog.tables.isEmpty, catalog.functions.isEmpty else {
                throw TrackingError("schema progress is not this program's; nothing was changed")
            }
            return false
        }
        try self.locking.transaction(on: self.connection, limit: self.limit) {
            try self.startAlone()
            var tables: [String] = []
            var drops: [String] = []
            try self.connection.run([Query(Self.attachedTriggers)], limit: self.limit) {
                _,
                row throws(PostgresError) in
                let (table, trigger) = (try row.string(0), try row.string(1))
                if tables.last != table { tables.append(table) }
                drops.append("DROP TRIGGER \(trigger) ON \(table);")
            }
            if !tables.isEmpty {
                try self.locking.lock(
                    tables,
                    mode: .accessExclusive,
                    on: self.connection,
                    limit: self.limit
                )
            }
            try self.run(drops.joined(separator: "\n"))
            try self.run(TrackingDefinition.schemaRemoval)
        }
        return true
    }

    private func checkedCatalog() throws -> TrackingCatalog {
        let catalog = try self.connection.trackingCatalog(limit: self.limit)
        if let obstacle = catalog.obstacle { throw TrackingError(obstacle) }
        if let version = try self.connection.trackingVersion(catalog, limit: self.limit),
            version > TrackingDefinition.version
        {
            throw TrackingError(
                "version \(version) is installed and this program has \(TrackingDefinition.version); "
                    + "use the newer program"
            )
        }
        return catalog
    }

    private func isCurrent(_ catalog: TrackingCatalog) throws -> Bool {
        guard catalog.isOurs, catalog.damage.isEmpty else { return false }
        return try self.connection.trackingVersion(catalog, limit: self.limit)
            == TrackingDefinition.version
    }

    /// Keeps other installers out until the transaction ends; the number is of no meaning.
    private func startAlone() throws(PostgresError) {
        try self.run("SELECT pg_catalog.pg_advisory_xact_lock(7023041501)")
    }

    private func recordVersion() throws(PostgresError) {
        try self.run(
            """
            DELETE FROM progress.meta;
            INSERT INTO progress.meta (version, installed_at, tables)
                VALUES (\(TrackingDefinition.version), clock_timestamp(), '{\(TrackedTable.names)}');
            -- Servers look back to no moment before this, so that the first pruning alarms none.
            INSERT INTO progress.horizon (taken_at, xid)
                SELECT '-infinity',
                       pg_catalog.pg_snapshot_xmin(pg_catalog.pg_current_snapshot());
            """
        )
    }

    private func grant(to readers: [String]) throws {
        for reader in readers {
            var grants: String?
            try self.connection.run([Query(Self.grants, [.text(reader)])], limit: self.limit) {
                _,
                row throws(PostgresError) in grants = try row.string(0)
            }
            // A role named as PUBLIC is cannot exist, so this keeps the log from everybody, too.
            guard let grants else { throw TrackingError("--reader is '\(reader)', no such role") }
            try self.run(grants)
        }
    }

    private func run(_ script: String) throws(PostgresError) {
        guard !script.isEmpty else { return }
        try self.connection.run(script: script, limit: self.limit)
    }

    /// What grants role $1 all that a server needs; no row if there is no such role.
    private static let grants = Statement(
        name: "tracking_grants",
        sql: """
            SELECT format('GRANT USAGE ON SCHEMA progress TO %1$I; '
                          'GRANT SELECT ON progress.log, progress.horizon, progress.meta TO %1$I',
                          rolname)
              FROM pg_catalog.pg_roles WHERE rolname = $1
            """
    )

    /// The triggers that call our functions, on whatever table they are by now: table and trigger, as SQL;
    /// in the order in which tables are locked.
    private static let attachedTriggers = Statement(
        name: "tracking_attached",
        sql: """
            SELECT format('%I.%I', n.nspname, c.relname), quote_ident(t.tgname)
              FROM pg_catalog.pg_trigger AS t
              JOIN pg_catalog.pg_proc AS p ON p.oid = t.tgfoid
              JOIN pg_catalog.pg_namespace AS o ON o.oid = p.pronamespace
              JOIN pg_catalog.pg_class AS c ON c.oid = t.tgrelid
              JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
             WHERE o.nspname = 'progress' AND NOT t.tgisinternal
             ORDER BY array_position('{\(TrackedTable.names)}'::name[], c.relname), c.oid, t.tgname
            """
    )
}

extension PostgresConnection {
    /// The version that is installed; `nil` if none is, or none that we may read.
    func trackingVersion(
        _ catalog: TrackingCatalog,
        limit: WaitLimit
    ) throws(PostgresError) -> Int64? {
        guard catalog.isUsable, catalog.readableTables.contains("meta"),
            catalog.tables["meta"] == TrackingDefinition.tableSignatures["meta"]
        else { return nil }
        return try self.int64(Query(TrackingStatements.meta), limit: limit)
    }
}
