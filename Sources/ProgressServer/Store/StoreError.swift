/// Why the store gave no reading.
struct StoreError: Error, Equatable, Sendable {
    enum Kind: Equatable, Sendable {
        /// The job's row, or the snapshot itself, could not be read.
        case jobUnreadable
        /// The reason for the job's failure could not be read.
        case detailUnreadable
        /// The list of the job's tables could not be read.
        case tablesUnreadable
        /// The files of this table could not be read.
        case filesUnreadable(JobTable)
        /// The list of jobs could not be read.
        case jobListUnreadable
        /// The events of a job could not be read.
        case eventsUnreadable
        case eventUnreadable
        /// What a revision of a dataset stands for could not be read.
        case revisionUnreadable
        /// The database does not answer, or not now.
        case unavailable
        /// The database is none that we serve.
        case unsupportedDatabase(UnsupportedDatabase)
        /// The caller's time ran out.
        case deadlineExceeded
        /// The caller went away.
        case cancelled
        /// Too many callers wait already.
        case queueFull
        /// The store is stopping.
        case stopping
    }

    var kind: Kind
    /// For the log: may name hosts and tables.
    var message: String

    init(_ kind: Kind, _ message: String) {
        self.kind = kind
        self.message = message
    }
}
