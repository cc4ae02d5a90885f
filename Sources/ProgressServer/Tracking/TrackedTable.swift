/// One of Amp's tables, in schema `public`, whose changes are logged.
struct TrackedTable: Hashable, Sendable {
    let name: String
    /// The columns that ``function`` reads.
    let columns: [String]
    /// What logs an INSERT, UPDATE or DELETE.
    let function: TrackingFunction

    /// All of them, in the one order in which they are locked: that of Amp's foreign keys, in which a
    /// deleted job reaches them too.
    static let all: [Self] = [
        Self(name: "jobs", columns: ["id"], function: .jobs),
        Self(name: "jobs_status", columns: ["job_id"], function: .jobDetails),
        Self(name: "job_events", columns: ["job_id"], function: .jobDetails),
        Self(name: "physical_table_revisions", columns: ["id", "writer"], function: .revisions),
        Self(
            name: "physical_tables",
            columns: [
                "dataset_namespace", "dataset_name", "table_name", "manifest_hash",
                "active_revision_id",
            ],
            function: .tables
        ),
        Self(name: "file_metadata", columns: ["id", "location_id"], function: .files),
    ]

    /// All names, joined by commas.
    static let names = Self.all.map(\.name).joined(separator: ",")

    /// The triggers of this table.
    var triggers: [TrackingTrigger] {
        TrackingTrigger.Event.allCases.map { TrackingTrigger(table: self, event: $0) }
    }
}
