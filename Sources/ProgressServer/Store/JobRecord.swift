/// A job as such: what the database says of it beside its progress.
struct JobRecord: Sendable {
    /// Status, dataset and tables; without a failure's detail.
    var plan: JobPlan
    /// Microseconds since 1970, as all times here.
    var createdAt: Int64
    /// When the status was written last.
    var updatedAt: Int64
    var nodeID: String
    /// What was scheduled last, as JSON text; `nil` if nothing says.
    var descriptor: String?
}

/// Something that happened to a job.
struct JobEventRecord: Sendable {
    var id: Int64
    var createdAt: Int64
    var nodeID: String
    /// As stored.
    var type: String
    /// As JSON text; `nil` if there is none, or if it was not asked for.
    var detail: String?
}

/// A page of records at one moment.
struct JobPage<Record: Sendable>: Sendable {
    var snapshot: Snapshot
    var records: [Record]
    /// Whether there is more behind the last.
    private(set) var hasMore = false

    init(snapshot: Snapshot, records: [Record]) {
        self.snapshot = snapshot
        self.records = records
    }

    /// Takes what was read too much, to see whether there is more, off again.
    mutating func cut(to count: Int) {
        self.hasMore = self.records.count > count
        self.records = Array(self.records.prefix(count))
    }
}

/// Which jobs to list.
enum JobSelection: Equatable, Sendable {
    /// Those below an id, if one is given, from the highest down; of these statuses, if any is given.
    case newest(below: Int64?, statuses: [String])
    /// Those above an id that were scheduled for a dataset's manifest, from the lowest up.
    case scheduled(for: DatasetName, manifestHash: String, above: Int64)
    case one(JobID)

    var subject: ReadFailure.Subject { if case .one = self { .job } else { .jobList } }
}
