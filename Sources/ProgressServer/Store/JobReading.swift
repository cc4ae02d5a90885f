import ProgressChain

/// What one snapshot of the database says of a job: the plan and the files of the chosen tables.
struct JobReading: Sendable {
    /// The snapshot, as `pg_current_snapshot()` prints it.
    var snapshot: String
    /// `nil` if there is no such job.
    var plan: JobPlan?
    /// The files of each revision that was chosen.
    var files: [RevisionID: RevisionFiles] = [:]
}

/// All files of one revision, or the one that spoils them.
struct RevisionFiles: Sendable {
    /// In no order.
    var segments: [Segment] = []
    /// Of the rows that cannot be decoded, the one with the lowest number.
    var undecodable: UndecodableFile?
}

/// A row of `file_metadata` that is not as Amp writes it.
struct UndecodableFile: Equatable, Sendable {
    var id: FileID
    var reason: FileRowError
}
