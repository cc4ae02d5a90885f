import ProgressRPC

/// Whoever answers about jobs: both kinds end in the same bytes.
protocol JobReader: Sendable {
    func jobs(
        _ filter: JobStatusFilter,
        _ page: PageTerms
    ) async throws(ToolError) -> JobPage

    /// The jobs that were ever scheduled for a revision of a dataset.
    func jobs(
        of dataset: DatasetReference,
        _ page: PageTerms
    ) async throws(ToolError) -> JobPage

    func job(_ id: Int64) async throws(ToolError) -> JobInfo

    func events(of jobID: Int64, _ page: PageTerms) async throws(ToolError) -> JobEventPage

    func event(_ id: Int64, of jobID: Int64) async throws(ToolError) -> JobEvent

    /// The names of the tables that the jobs write, by job, each list by its bytes; nothing for a job
    /// of which they are not known.
    func tables(of jobs: [JobInfo]) async throws(ToolError) -> [Int64: [String]]
}
