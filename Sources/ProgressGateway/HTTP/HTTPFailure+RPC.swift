import HTTPTypes
import ProgressRPC

extension HTTPFailure {
    /// What the caller of a job's route is told when the call to the server fails.
    ///
    /// The server's own words go to the log only. The table that failed is named: the server reads
    /// none outside of the scope.
    init(_ error: RPCError, for job: JobID) {
        switch (error.code, error.reason) {
        case (.notFound, _): self = .jobNotFound(job)
        case (.invalidArgument, "INVALID_JOB_ID"): self = .invalidJobID("'\(job)' is refused")
        default: self = Self.answer(to: error)
        }
        self.reason = "call failed with \(error)"
    }

    /// What the caller is told when a call about several jobs fails as a whole.
    init(ofBatch error: RPCError) {
        self =
            error.code == .messageTooLarge
            ? .badRequest("the answer is too large; ask about fewer jobs") : Self.answer(to: error)
        self.reason = "call failed with \(error)"
    }

    /// What the caller is told when a call about one event of a job fails.
    init(_ error: RPCError, for event: EventID, of job: JobID) {
        guard (error.code, error.reason) == (.notFound, "EVENT_NOT_FOUND") else {
            self.init(error, for: job)
            return
        }
        self = .eventNotFound(event, of: job).because("call failed with \(error)")
    }

    /// What the caller is told when a call about the jobs of a dataset fails.
    init(_ error: RPCError, for dataset: DatasetReference) {
        switch (error.code, error.reason) {
        case (.notFound, _): self = .datasetNotFound(dataset)
        case (.invalidArgument, "INVALID_REVISION"):
            self = .invalidPath("the revision of '\(dataset)' is refused")
        default: self.init(ofPage: error)
        }
        self.reason = "call failed with \(error)"
    }

    /// What the caller is told when a call for a page of a job's events fails.
    init(ofPage error: RPCError, for job: JobID) {
        if error.code == .messageTooLarge {
            self.init(ofPage: error)
        } else {
            self.init(error, for: job)
        }
    }

    /// What the caller is told when a call for a page fails.
    init(ofPage error: RPCError) {
        self =
            error.code == .messageTooLarge
            ? .limitTooLarge("the answer is too large; ask for less at once with limit")
            : Self.answer(to: error)
        self.reason = "call failed with \(error)"
    }

    private static func answer(to error: RPCError) -> Self {
        switch (error.code, error.reason) {
        case (.internalError, _): .serverError(error)
        case (.failedPrecondition, "UNSUPPORTED_DATABASE"):
            Self(
                status: .internalServerError,
                code: "UNSUPPORTED_DATABASE",
                message: "the metadata database is of a version that is not supported"
            )
        case (.unavailable, _), (.cancelled, _): .unavailable(retryAfter: error.retryAfter)
        case (.resourceExhausted, "TOO_LARGE_FOR_VIEW"):
            Self(
                status: .badRequest,
                code: "TOO_LARGE_FOR_VIEW",
                message: "the job's files do not fit into the server's cache; ask without include"
            )
        case (.resourceExhausted, _): .overloaded
        case (.deadlineExceeded, _):
            Self(
                status: .gatewayTimeout,
                code: "DEADLINE_EXCEEDED",
                message: "the progress server did not answer in time"
            )
        // The server does not trust this gateway: a mistake in our own set-up, not the caller's.
        case (.unauthenticated, _), (.permissionDenied, _): .internalError
        default: .badGateway
        }
    }

    /// The codes that Amp's API answers with status 500, by the reason of the same name.
    private static func serverError(_ error: RPCError) -> Self {
        let table = self.table(in: error)
        let message: String? =
            switch error.reason {
            case "GET_JOB_ERROR": "the job could not be read"
            case "LIST_JOBS_ERROR": "the jobs could not be read"
            case "GET_JOB_EVENTS_ERROR": "the events of the job could not be read"
            case "GET_JOB_EVENT_ERROR": "the event of the job could not be read"
            case "RESOLVE_REVISION_ERROR": "the revision of the dataset could not be looked up"
            case "GET_JOB_DETAIL_ERROR": "the failure detail of the job could not be read"
            case "GET_TABLES_ERROR": "the tables of the job could not be read"
            case "GET_DATASET_ERROR": "the dataset of the job could not be read"
            case "GET_ACTIVE_REVISION_ERROR": "the active revision of a table could not be read"
            case "SNAPSHOT_TABLE_ERROR": "the files of \(table) could not be read"
            case "MULTI_NETWORK_SEGMENTS_ERROR":
                "\(table) has a file that is not of one network, the same for all"
            case "BLOCK_NUMBER_OVERFLOW": "a block number of \(table) exceeds 9223372036854775807"
            default: nil
            }
        guard let message else { return .internalError }
        return Self(status: .internalServerError, code: error.reason, message: message)
    }

    /// The table that an error names, if what it names has the form of a table's name.
    private static func table(in error: RPCError) -> String {
        guard let name = error.details["table"], 1...63 ~= name.utf8.count,
            name.utf8.allSatisfy({
                UInt8(ascii: "a")...UInt8(ascii: "z") ~= $0 | 0x20
                    || UInt8(ascii: "0")...UInt8(ascii: "9") ~= $0
                    || $0 == UInt8(ascii: "_") || $0 == UInt8(ascii: "$")
            })
        else { return "a table" }
        return "table '\(name)'"
    }

    /// - Parameter retryAfter: `nil`: a second.
    static func unavailable(retryAfter: Duration?) -> Self {
        let seconds = (retryAfter ?? .seconds(1)).components
        let whole = max(1, seconds.seconds + (seconds.attoseconds > 0 ? 1 : 0))
        return Self(
            status: .serviceUnavailable,
            code: "SERVICE_UNAVAILABLE",
            message: "progress cannot be read at the moment; try again",
            headers: [.retryAfter: "\(whole)"]
        )
    }
}
