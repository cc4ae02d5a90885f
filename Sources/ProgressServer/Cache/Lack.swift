import ProgressChain

/// What must be read before an answer can be given.
struct Lack: Equatable {
    /// Jobs whose plans must be read.
    var plans: Set<JobID> = []
    /// Files that the change log named.
    var files: Set<Int64> = []
    /// Revisions of which the versions of all rows must be compared, at the moment of the answer.
    var versions: Set<RevisionID> = []
    /// Revisions to be read by another session.
    var loads: [RevisionID: JobTable] = [:]
    /// Revisions that another session reads already.
    var loading: Set<RevisionID> = []

    var isEmpty: Bool { !self.isReadHere && self.loads.isEmpty && self.loading.isEmpty }

    /// Whether something of it is read in the moment of the answer.
    private var isReadHere: Bool {
        !self.plans.isEmpty || !self.files.isEmpty || !self.versions.isEmpty
    }

    /// Whether all of it is read by other sessions.
    var isReadElsewhere: Bool { !self.isReadHere && !self.isEmpty }

    mutating func formUnion(_ other: Self) {
        self.plans.formUnion(other.plans)
        self.files.formUnion(other.files)
        self.versions.formUnion(other.versions)
        self.loads.merge(other.loads) { first, _ in first }
        self.loading.formUnion(other.loading)
    }
}
