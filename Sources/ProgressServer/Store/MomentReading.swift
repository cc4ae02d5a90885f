import ProgressChain

/// One thing to read of a moment.
enum MomentQuery: Equatable, Sendable {
    /// Opens the transaction and keeps the tables from being emptied; unless it is patient, it fails
    /// if that means to wait for somebody's lock.
    case begin(isPatient: Bool)
    /// The snapshot, and perhaps what the change log has.
    case look(Look)
    case plans([JobID])
    case files([FileID])
    case versions([RevisionID])
}

/// What was read of one moment.
struct MomentReading: Sendable {
    /// `nil` until one was read.
    var snapshot: Snapshot?
    /// Whether ``changes`` is all that moved; only with ``Look/changes(since:_:filesOf:)``.
    var isLogWhole: Bool?
    var changes: [LogChange] = []
    /// A job that was asked for and is not here does not exist.
    var plans: [JobID: JobPlan] = [:]
    /// A file that was asked for and is not here does not exist.
    var files: [FileID: FileRow] = [:]
    /// A revision that was asked for and is not here has no files.
    var versions: [RevisionID: FileVersions] = [:]
}

/// A row of `file_metadata`: what the chain needs of it, or why it cannot be had.
struct FileRow: Sendable {
    var id: FileID
    var revision: RevisionID
    var version: RowVersion
    var segment: Result<Segment, FileRowError>
}

/// Which files a revision has, and which version of each row.
struct FileVersions: Equatable, Sendable {
    private(set) var ids: [FileID] = []
    private(set) var versions: [RowVersion] = []

    mutating func append(id: FileID) { self.ids.append(id) }
    mutating func append(version: RowVersion) { self.versions.append(version) }

    var count: Int { min(self.ids.count, self.versions.count) }
}
