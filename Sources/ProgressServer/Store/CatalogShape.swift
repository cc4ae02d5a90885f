/// What the database's catalog shows of Amp, from which its era follows.
struct CatalogShape: Equatable, Sendable {
    /// Those of Amp's tables, of any era, that exist in schema `public`.
    var tables: Set<String>
    /// Those of ``relevantColumns`` that exist, as `table.column`.
    var columns: Set<String>
    /// Those of ``neededTables`` that exist and that our role may not read.
    var unreadableTables: Set<String>
    /// How many tables the database has outside of the system's schemas.
    var tableCount: Int64
    /// Whether the server replays another one's changes.
    var isStandby: Bool

    /// The tables that an era must have, and that our role must be able to read.
    static func neededTables(in era: SchemaEra) -> [String] {
        switch era {
        case .c: ["jobs", "physical_tables", "file_metadata"]
        case .d: ["jobs", "physical_tables", "physical_table_revisions", "file_metadata"]
        case .e:
            ["jobs", "job_events", "physical_tables", "physical_table_revisions", "file_metadata"]
        case .f, .g: Self.currentTables
        }
    }

    static let currentTables = [
        "jobs", "jobs_status", "job_events", "physical_tables", "physical_table_revisions",
        "file_metadata",
    ]
    static let relevantTables = currentTables + ["locations"]
    static let relevantColumns = [
        "jobs.status", "physical_tables.active", "physical_tables.path", "physical_tables.url",
        "physical_tables.bucket",
    ]

    /// The era, or why this database cannot be served: what was found, and what to do.
    func era(allowsStandby: Bool = false) -> Result<SchemaEra, UnsupportedDatabase> {
        guard let era = self.foundEra else { return .failure(UnsupportedDatabase(self.stranger)) }
        if let reason = self.obstacle(in: era) { return .failure(UnsupportedDatabase(reason)) }
        guard allowsStandby || !self.isStandby else {
            return .failure(
                UnsupportedDatabase(
                    "the PostgreSQL server is a standby, which may lag behind; use the primary, or "
                        + "allow it with --allow-standby"
                )
            )
        }
        return .success(era)
    }

    /// The era by what only it has; `nil`: none that is served.
    private var foundEra: SchemaEra? {
        if self.tables.contains("jobs_status") {
            return self.columns.contains("jobs.status") ? .f : .g
        }
        if self.tables.contains("job_events") { return .e }
        if self.tables.contains("physical_table_revisions") { return .d }
        let isC =
            self.columns.contains("physical_tables.active")
            && self.columns.contains("physical_tables.path")
            && !self.columns.contains("physical_tables.url")
            && !self.columns.contains("physical_tables.bucket")
        return isC ? .c : nil
    }

    private func obstacle(in era: SchemaEra) -> String? {
        let needed = Self.neededTables(in: era)
        let missing = needed.filter { !self.tables.contains($0) }
        guard missing.isEmpty else {
            return "the database is Amp's, of era \(era.rawValue), but lacks \(list(missing))"
        }
        let unreadable = needed.filter { self.unreadableTables.contains($0) }
        guard unreadable.isEmpty else {
            return "the role may not read \(list(unreadable)); grant it SELECT"
        }
        return nil
    }

    private var stranger: String {
        let advice = "this version serves eras C to G; upgrade Amp"
        if self.columns.contains("physical_tables.active") {
            return "found an Amp database of era B (v0.0.24 to v0.0.33); \(advice)"
        }
        if self.tables.contains("locations") {
            return "found an Amp database of era A (before v0.0.24); \(advice)"
        }
        if self.tableCount == 0 {
            return "the database is empty; let Amp create its tables, or run "
                + "'progress-server schema init'"
        }
        return "the database is not Amp's: it has \(self.tableCount) tables, but none of Amp's jobs"
    }
}

private func list(_ tables: [String]) -> String { tables.joined(separator: ", ") }

/// Why a database cannot be served.
struct UnsupportedDatabase: Error, Equatable, Sendable, CustomStringConvertible {
    var description: String

    init(_ description: String) { self.description = description }
}
