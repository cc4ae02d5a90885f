/// Where jobs, tables and files are read.
protocol ProgressStore: Sendable {
    /// Reads a job and the files of some of its tables, all as of one moment after this call.
    ///
    /// Does not block. A job that does not exist costs as much as one of which nothing is chosen.
    ///
    /// - Parameters:
    ///   - choose: Picks the tables whose files are wanted, from all that the job writes.
    ///   - deadline: When the answer is of no use any more.
    ///   - completion: Called once, on any thread.
    /// - Returns: The request, for ``StoreRequest/cancel()``.
    @discardableResult
    func read(
        _ job: JobID,
        choosing choose: @escaping @Sendable (JobPlan) -> [JobTable],
        before deadline: ContinuousClock.Instant,
        completion: @escaping @Sendable (Result<JobReading, StoreError>) -> Void
    ) -> StoreRequest

    /// How the database is, as far as is known without asking it.
    var health: StoreHealth { get }
}

/// Whether the database can be asked.
struct StoreHealth: Equatable, Sendable {
    enum Database: String, Sendable {
        case connected
        case unreachable
        case unsupported
    }

    var database: Database
    /// `nil` until known.
    var era: SchemaEra?
}
