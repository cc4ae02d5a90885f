import ProgressPostgres

/// What the database's catalog shows of change tracking, and what is wrong with it.
struct TrackingCatalog: Equatable, Sendable {
    /// Whether schema `progress` exists, whoever made it.
    var hasSchema = false
    /// Whether our role may look into the schema.
    var isUsable = false
    /// The oid of schema `public`.
    var ampSchema: Int64 = 0
    /// Amp's tables by name, with their oids.
    var ampTables: [String: Int64] = [:]
    /// Columns of Amp's tables, as `table.column`.
    var ampColumns: Set<String> = []
    /// Those of Amp's tables that logical replication fills: it fires no triggers of statements.
    var replicatedTables: Set<String> = []
    /// Everything else by name, with the text that says how it is made.
    var tables: [String: String] = [:]
    var indexes: [String: String] = [:]
    var functions: [String: String] = [:]
    var triggers: [String: String] = [:]
    /// Those of ``tables`` that our role may read.
    var readableTables: Set<String> = []
    /// The rows of the catalog that show all this, by the table of `pg_catalog` that has them.
    var rows: [String: Set<CatalogRow>] = [:]

    /// A boolean expression of SQL that is true as long as nothing of this changes, in the snapshot of
    /// the statement that it is part of.
    var isUnchangedExpression: String {
        TrackingStatements.isUnchanged(
            self.rows,
            ampSchema: self.ampSchema,
            ampTables: self.ampTables.values.sorted()
        )
    }

    /// Whether the schema is this program's, be it damaged.
    var isOurs: Bool {
        self.tables["meta"] != nil
            || TrackingFunction.all.contains { self.functions[$0.name] != nil }
    }

    /// Whether every change to Amp's tables is logged, and our role may read the log.
    var isSound: Bool { self.isOurs && self.damage.isEmpty && self.isReadable }

    /// Whether it can be relied on, in a sentence for the log.
    var readiness: String {
        if self.isSound { return "change tracking is installed" }
        guard self.isOurs else { return "change tracking is not installed" }
        guard self.isReadable else {
            return "this role may not read schema progress; install again with --reader"
        }
        return "change tracking is damaged: \(self.damage.joined(separator: ", "))"
    }

    /// Whether our role may read what is installed.
    var isReadable: Bool {
        self.isUsable
            && TrackingDefinition.tableSignatures.keys.allSatisfy(
                self.readableTables.contains
            )
    }

    /// Why nothing can be installed here, in a sentence; `nil` if it can.
    var obstacle: String? {
        for table in TrackedTable.all {
            guard self.ampTables[table.name] != nil else {
                return "the database lacks Amp's table \(table.name)"
            }
            let missing = table.columns.filter { !self.ampColumns.contains("\(table.name).\($0)") }
            guard missing.isEmpty else {
                return "Amp's table \(table.name) lacks \(missing.joined(separator: ", ")); "
                    + "this version tracks eras F and G"
            }
        }
        if let table = self.replicatedTables.min() {
            return "logical replication fills \(table), which fires no triggers of statements; "
                + "track the publisher's database"
        }
        guard self.isOurs || self.tables.isEmpty && self.functions.isEmpty else {
            return "schema progress exists and is not this program's; rename or drop it"
        }
        return nil
    }

    /// What differs from ``TrackingDefinition``, each as a few words.
    var damage: [String] {
        var damage: [String] = []
        for (name, signature) in TrackingDefinition.tableSignatures.sorted(by: { $0.key < $1.key })
        {
            damage += difference("table progress.\(name)", self.tables[name], signature)
        }
        for (name, signature) in TrackingDefinition.indexSignatures {
            damage += difference("index progress.\(name)", self.indexes[name], signature)
        }
        for function in TrackingFunction.all {
            let found = self.functions[function.name]
            damage += difference("function \(function.qualifiedName)", found, function.signature)
        }
        for trigger in TrackingDefinition.triggers {
            damage += self.damage(of: trigger)
        }
        let known = Set(TrackingDefinition.triggers.map(\.key))
        for key in self.triggers.keys.filter({ !known.contains($0) }).sorted() {
            damage.append("trigger \(key) is not this program's")
        }
        for table in self.replicatedTables.sorted() {
            damage.append("logical replication fills \(table)")
        }
        return damage
    }

    private func damage(of trigger: TrackingTrigger) -> [String] {
        guard self.ampTables[trigger.table.name] != nil else {
            return trigger.event == .insert ? ["table \(trigger.table.name) is missing"] : []
        }
        let found = self.triggers[trigger.key]
        if let found, found != trigger.signature,
            found.dropFirst() == trigger.signature.dropFirst()
        {
            let state = found.hasPrefix("D") ? "disabled" : "not always enabled"
            return ["trigger \(trigger.key) is \(state)"]
        }
        return difference("trigger \(trigger.key)", found, trigger.signature)
    }
}

private func difference(_ name: String, _ found: String?, _ expected: String) -> [String] {
    guard let found else { return ["\(name) is missing"] }
    return found == expected ? [] : ["\(name) is altered"]
}

extension PostgresConnection {
    /// Reads what the catalog shows of change tracking, in one snapshot; any role may.
    ///
    /// The session must search `pg_catalog` alone, so that names are shown as expected.
    func trackingCatalog(limit: WaitLimit) throws(PostgresError) -> TrackingCatalog {
        var catalog = TrackingCatalog()
        try self.run([Query(TrackingStatements.catalog)], limit: limit) {
            _,
            row throws(PostgresError) in
            let name = try row.string(1)
            // NULL: what a table without columns is.
            let value = row.stringIfPresent(2) ?? ""
            let kind = try row.string(0)
            if let table = TrackingStatements.catalogTables[kind] {
                catalog.rows[table, default: []].insert(try CatalogRow(row.string(4)))
            }
            switch kind {
            case "schema": (catalog.hasSchema, catalog.isUsable) = (true, value == "true")
            case "amp schema": catalog.ampSchema = try row.int64(3)
            case "amp table": catalog.ampTables[name] = try row.int64(3)
            case "amp column": catalog.ampColumns.insert(name)
            case "replicated": catalog.replicatedTables.insert(name)
            case "table": catalog.tables[name] = value
            case "readable": catalog.readableTables.insert(name)
            case "index": catalog.indexes[name] = value
            case "trigger": catalog.triggers[name] = value
            case "function": catalog.functions[name] = value
            default: break
            }
        }
        return catalog
    }
}

/// A row of the catalog in the version that was seen.
struct CatalogRow: Hashable, Sendable {
    /// Its `ctid`, as PostgreSQL writes it: an update moves the row.
    var place: String
    /// Its `xmin`: what comes to the place later has another.
    var version: String

    /// - Throws: ``PostgresError`` of kind `invalidValue` unless it is a `ctid`, a space and an `xmin`.
    init(_ text: String) throws(PostgresError) {
        let parts = text.split(separator: " ")
        guard parts.count == 2 else {
            throw PostgresError(.invalidValue, "'\(text)' is no place and version of a row")
        }
        (self.place, self.version) = (String(parts[0]), String(parts[1]))
    }
}
