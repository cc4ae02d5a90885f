import ProgressChain

/// What one snapshot of the database says of some jobs: the plans and the files of the chosen tables.
struct JobReading: Sendable {
    var snapshot: Snapshot
    /// A job that was asked for and is not here does not exist.
    var plans: [JobID: JobPlan] = [:]
    /// What the files of each chosen revision come to.
    var outcomes: [RevisionID: TableOutcome] = [:]
}
