/// One row of the history: what one transaction made of one row, or of a whole table.
struct RecordedChange: Equatable, Sendable {
    /// The tables that are recorded.
    enum Source: String, CaseIterable, Sendable {
        case jobs
        case statuses = "jobs_status"
        case events = "job_events"
        case tables = "physical_tables"
        case revisions = "physical_table_revisions"
        case files = "file_metadata"
    }

    enum Effect: Equatable, Sendable {
        /// The row is as given, from now on.
        case present(RecordedRow)
        /// The row of this key is gone.
        case gone(key: Int64)
        /// All rows of the table are gone.
        case truncated
    }

    /// Orders the changes of one row: writers of one row wait for each other.
    var sequence: Int64
    /// The transaction that made it.
    var xid: UInt64
    var source: Source
    var effect: Effect
}

/// A row, as far as an answer depends on it.
struct RecordedRow: Hashable, Sendable {
    var source: RecordedChange.Source
    var key: Int64
    /// The row that this one belongs to: the job of a status, an event or a revision, the active
    /// revision of a table, the revision of a file.
    var owner: Int64?
    /// The other columns, as ``HistorySchema`` lists them.
    var words: [String?]
}
