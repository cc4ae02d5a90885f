import ProgressChain

/// Something that happened while jobs were read, as a fact; observers decide what to make of it.
enum Observation: Sendable {
    /// The first session after none.
    case databaseConnected(SchemaEra)
    case connectFailed(ConnectFailure)
    /// A read of this subject failed for good.
    case readFailed(String, ReadFailure)
    /// What is held is kept current in another way from now on, for this reason.
    case currencyChanged(Currency, String)
    /// The change log could not be pruned.
    case pruningFailed(String)
    /// What is held cannot outlive the server, or what outlived it cannot be used.
    case archiveUnusable(String)
    /// So many files are held again that an earlier life of the server had.
    case archiveRestored(fileCount: Int)
    /// All that is held was dropped or must be proven again, for this reason.
    case cacheFlushed(String)
    /// The directory of manifests cannot be listed, for this reason.
    case manifestsUnreadable(String)
    /// A file of that directory, by name, gives no manifest, for this reason.
    case manifestRefused(String, String)
    /// A table's manifest, by hash, is not there: its tables are told as they are.
    case manifestMissing(String)
    /// A row of `file_metadata` spoils its table.
    case fileUndecodable(JobTable, UndecodableFile)
    /// The files of a table have no progress numbers.
    case tableFailed(JobTable, TableError)
}
