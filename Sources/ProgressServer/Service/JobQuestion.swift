import ProgressRPC

/// ListJobs, checked.
struct JobListQuestion: Sendable {
    var selection: JobSelection
    var count: Int

    /// - Throws: ``RPCError`` with code `invalidArgument`.
    init(_ request: PBListJobsRequest) throws(RPCError) {
        self.count = try pageCount(
            request.limit,
            default: Limits.defaultPageJobs,
            limit: Limits.pageJobs
        )
        for status in request.statuses where JobStatus(listed: status) == nil {
            throw RPCError(
                .invalidArgument,
                "'\(status)' is no status; there are "
                    + JobStatus.listed.map(\.rawValue).joined(separator: ", "),
                reason: "INVALID_STATUS"
            )
        }
        self.selection = .newest(
            below: try cursor(request.lastJobID, named: "last_job_id"),
            statuses: request.statuses
        )
    }
}

/// ListDatasetJobs, checked.
struct DatasetJobsQuestion: Sendable {
    var dataset: DatasetName
    var revision: DatasetRevision
    var above: Int64
    var count: Int

    /// - Throws: ``RPCError`` with code `invalidArgument`.
    init(_ request: PBListDatasetJobsRequest) throws(RPCError) {
        try check(request.namespace, as: .namespace, "namespace")
        try check(request.name, as: .name, "name")
        guard let revision = DatasetRevision(request.revision) else {
            throw RPCError(
                .invalidArgument,
                "revision is '\(request.revision.prefix(80))'; it must be latest, dev, a semantic "
                    + "version or the 64 hexadecimal digits of a manifest hash",
                reason: "INVALID_REVISION"
            )
        }
        self.dataset = DatasetName(namespace: request.namespace, name: request.name)
        self.revision = revision
        self.above = try cursor(request.lastJobID, named: "last_job_id") ?? 0
        self.count = try pageCount(
            request.limit,
            default: Limits.pageJobs,
            limit: Limits.pageJobs
        )
    }
}

/// ListJobEvents or GetJobEvent, checked.
struct JobEventsQuestion: Sendable {
    var job: JobID
    var selection: JobEventSelection
    var count: Int

    /// - Throws: ``RPCError`` with code `invalidArgument`.
    init(_ request: PBListJobEventsRequest) throws(RPCError) {
        self.job = try JobID(asked: request.jobID)
        let above = try cursor(request.lastEventID, named: "last_event_id") ?? 0
        self.selection = .all(above: above)
        self.count = try pageCount(
            request.limit,
            default: Limits.pageEvents,
            limit: Limits.pageEvents
        )
    }

    /// - Throws: ``RPCError`` with code `invalidArgument`.
    init(_ request: PBGetJobEventRequest) throws(RPCError) {
        self.job = try JobID(asked: request.jobID)
        guard request.eventID >= 1 else {
            throw RPCError(
                .invalidArgument,
                "event id is \(request.eventID); it must be 1 or more"
            )
        }
        self.selection = .one(request.eventID)
        self.count = 1
    }
}

private func check(
    _ text: String,
    as part: DatasetNamePart,
    _ field: String
) throws(RPCError) {
    let bytes = text.utf8
    guard part.allows(bytes) else {
        let shown = String(text.unicodeScalars.prefix(80)).debugDescription
        throw RPCError(
            .invalidArgument,
            "\(field) is \(shown), \(bytes.count) bytes long; it must be \(part.allowed)",
            reason: "INVALID_DATASET_NAME"
        )
    }
}

private func pageCount(
    _ asked: UInt32,
    default count: Int,
    limit: Int
) throws(RPCError) -> Int {
    guard asked <= limit else {
        throw RPCError(
            .invalidArgument,
            "limit is \(asked); it must be 1 to \(limit), or 0 for \(count)",
            reason: "LIMIT_TOO_LARGE"
        )
    }
    return asked == 0 ? count : Int(asked)
}

/// - Returns: `nil` for 0.
private func cursor(_ id: Int64, named name: String) throws(RPCError) -> Int64? {
    guard id >= 0 else {
        throw RPCError(.invalidArgument, "\(name) is \(id); it must be 0 or more")
    }
    return id == 0 ? nil : id
}
