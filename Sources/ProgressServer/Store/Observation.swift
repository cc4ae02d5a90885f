import ProgressChain

/// Something that happened while jobs were read, as a fact; observers decide what to make of it.
enum Observation: Sendable {
    /// The first session after none.
    case databaseConnected(SchemaEra)
    case connectFailed(ConnectFailure)
    /// A read failed for good.
    case readFailed(JobID, ReadFailure)
    /// A row of `file_metadata` spoils its table.
    case fileUndecodable(JobTable, UndecodableFile)
    /// The files of a table have no progress numbers.
    case tableFailed(JobTable, TableError)
}
