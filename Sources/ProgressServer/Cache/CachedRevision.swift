/// What is held of one revision of a table.
struct CachedRevision {
    /// How far the files can be trusted.
    ///
    ///     loading ──▶ tracked ──▶ unproven ──▶ loading      with the change log
    ///     loading ──▶ unproven ⇄ listed ──▶ lacking ──▶ loading      without
    enum Phase: Equatable {
        /// A session reads them; what is held meanwhile is what it started from.
        case loading
        /// They are of the cache's moment, but for those of ``CachedRevision/changed``.
        case tracked
        /// They are of the moment that the stamp counts.
        case listed(stamp: UInt64)
        /// They were right once, in this life of the database: versions of rows tell which still are.
        case unproven
        /// Too many rows are not held to read them in the moment of an answer.
        case lacking
    }

    /// Most changed files that are remembered one by one; beyond it all versions are compared.
    static let changedLimit = 1_024

    /// A change of them must be followed by ``measureFiles()``.
    var files = RevisionFiles()
    private var fileByteCount = 0
    var phase = Phase.loading
    /// The files of which the change log told since they were read.
    var changed: Set<Int64> = []
    /// Whether more changed than ``changed`` can tell, since another session began to read.
    var isOverrun = false
    /// What the files come to; `nil`: not computed since they changed.
    var outcome: TableOutcome?
    /// The jobs whose plans have it.
    var jobs: Set<JobID> = []
    var lastUse: UInt64 = 0
    /// Bytes in memory when last counted.
    var byteCount = 0

    /// Bytes in memory, about.
    var countedByteCount: Int {
        384 + self.fileByteCount + 16 * self.changed.capacity + 24 * self.jobs.capacity
    }

    /// Counts the bytes of the files, which looks at every chunk of them.
    mutating func measureFiles() { self.fileByteCount = self.files.byteCount }

    init(files: RevisionFiles = RevisionFiles(), phase: Phase = .loading) {
        self.files = files
        self.phase = phase
        self.measureFiles()
    }
}
