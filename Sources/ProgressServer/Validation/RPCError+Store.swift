import ProgressRPC

extension RPCError {
    /// What a caller is told of a failed read: never PostgreSQL's own words.
    init(_ error: StoreError) {
        switch error.kind {
        case .jobUnreadable:
            self.init(.internalError, "the job cannot be read", reason: "GET_JOB_ERROR")
        case .detailUnreadable:
            self.init(
                .internalError,
                "the reason for the job's failure cannot be read",
                reason: "GET_JOB_DETAIL_ERROR"
            )
        case .tablesUnreadable:
            self.init(
                .internalError,
                "the tables of the job cannot be read",
                reason: "GET_TABLES_ERROR"
            )
        case .filesUnreadable(let table):
            self.init(
                .internalError,
                "the files of table '\(table.name)' cannot be read",
                reason: "SNAPSHOT_TABLE_ERROR",
                details: ["table": table.name]
            )
        case .jobListUnreadable:
            self.init(.internalError, "the jobs cannot be read", reason: "LIST_JOBS_ERROR")
        case .eventsUnreadable:
            self.init(
                .internalError,
                "the events of the job cannot be read",
                reason: "GET_JOB_EVENTS_ERROR"
            )
        case .eventUnreadable:
            self.init(
                .internalError,
                "the event of the job cannot be read",
                reason: "GET_JOB_EVENT_ERROR"
            )
        case .revisionUnreadable:
            self.init(
                .internalError,
                "what the revision stands for cannot be read; the server's role needs SELECT on tags "
                    + "and dataset_manifests",
                reason: "RESOLVE_REVISION_ERROR"
            )
        case .unavailable:
            self.init(
                .unavailable,
                "the database does not answer; retry later",
                reason: "DATABASE_UNAVAILABLE",
                retryAfter: .seconds(1)
            )
        case .unsupportedDatabase(let reason):
            self.init(
                .failedPrecondition,
                "the database cannot be served: \(reason)",
                reason: "UNSUPPORTED_DATABASE"
            )
        case .deadlineExceeded:
            self.init(.deadlineExceeded, "the time ran out before the database had answered")
        case .cancelled:
            self.init(.cancelled, "the call was cancelled")
        case .queueFull:
            self.init(
                .resourceExhausted,
                "too many calls wait for the database; retry later",
                reason: "TOO_MANY_CALLS",
                retryAfter: .seconds(1)
            )
        case .stopping:
            self.init(
                .unavailable,
                "the server is stopping; connect again",
                reason: "DRAINING",
                retryAfter: .seconds(1)
            )
        }
    }
}
