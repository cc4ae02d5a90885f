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

    static let neededTables = [
        "jobs", "jobs_status", "job_events", "physical_tables", "physical_table_revisions",
        "file_metadata",
    ]
    static let relevantTables = neededTables + ["locations"]
    static let relevantColumns = [
        "jobs.status", "physical_tables.active", "physical_tables.path", "physical_tables.url",
        "physical_tables.bucket",
    ]

    /// The era, or why this database cannot be served: what was found, and what to do.
    func era(allowsStandby: Bool = false) -> Result<SchemaEra, UnsupportedDatabase> {
        if let reason = self.obstacle { return .failure(UnsupportedDatabase(reason)) }
        guard allowsStandby || !self.isStandby else {
            return .failure(
                UnsupportedDatabase(
                    "the PostgreSQL server is a standby, which may lag behind; use the primary, or "
                        + "allow it with --allow-standby"
                )
            )
        }
        return .success(self.columns.contains("jobs.status") ? .f : .g)
    }

    private var obstacle: String? {
        guard self.tables.contains("jobs_status") else { return self.olderEra }
        let missing = Self.neededTables.filter { !self.tables.contains($0) }
        guard missing.isEmpty else {
            return "the database has Amp's table jobs_status but lacks \(list(missing))"
        }
        let unreadable = Self.neededTables.filter { self.unreadableTables.contains($0) }
        guard unreadable.isEmpty else {
            return "the role may not read \(list(unreadable)); grant it SELECT"
        }
        return nil
    }

    private var olderEra: String {
        let advice = "this version serves eras F and G; upgrade Amp"
        if self.tables.contains("job_events") {
            return "found an Amp database of era E (before 2026-03-04); \(advice)"
        }
        if self.tables.contains("physical_table_revisions") {
            return "found an Amp database of era D (February 2026); \(advice)"
        }
        if self.columns.contains("physical_tables.active") {
            let isC =
                self.columns.contains("physical_tables.path")
                && !self.columns.contains("physical_tables.url")
            let era = isC ? "C (v0.0.34 or v0.0.35)" : "B (v0.0.24 to v0.0.33)"
            return "found an Amp database of era \(era); \(advice)"
        }
        if self.tables.contains("locations") {
            return "found an Amp database of era A (before v0.0.24); \(advice)"
        }
        if self.tableCount == 0 {
            return "the database is empty; let Amp create its tables, or run "
                + "'progress-server schema init'"
        }
        return "the database is not Amp's: it has \(self.tableCount) tables, but no jobs_status"
    }
}

private func list(_ tables: [String]) -> String { tables.joined(separator: ", ") }

/// Why a database cannot be served.
struct UnsupportedDatabase: Error, Equatable, Sendable, CustomStringConvertible {
    var description: String

    init(_ description: String) { self.description = description }
}
