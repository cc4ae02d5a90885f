import ProgressPostgres

/// A PostgreSQL error, with what was being read when it came.
struct ReadFailure: Error {
    enum Subject: Equatable {
        /// The snapshot, or the change log.
        case moment
        case job
        case detail
        case tables
        case files(JobTable)
        case jobList
        case events
        case event
        /// What a revision of a dataset stands for.
        case revision
    }

    var subject: Subject
    var cause: PostgresError

    init(_ subject: Subject, _ cause: PostgresError) {
        self.subject = subject
        self.cause = cause
    }
}

extension ReadFailure {
    /// What to do about a failed read.
    enum Remedy: Equatable {
        /// The session is gone: open another one.
        case reconnect
        /// Prepared statements are stale: prepare them anew.
        case prepareAgain
        /// Somebody else cancelled the statement, or the replay of a standby did: ask again.
        case askAgain
        /// The tables are not what they were: look at the catalog again, on a fresh session.
        case detectAgain
        /// Asking again would not help.
        case giveUp
    }

    var remedy: Remedy {
        switch self.cause.kind {
        case .connectionLost: return .reconnect
        case .statementFailed: break
        case .connectionFailed, .deadlineExceeded, .cancelled, .invalidValue, .resourceExhausted:
            return .giveUp
        }
        guard let state = self.cause.state else { return .giveUp }
        switch state {
        case _ where state.meansInterruptedStatement: return .askAgain
        case .undefinedTable, .undefinedColumn: return .detectAgain
        default: return state.meansStaleStatement ? .prepareAgain : .giveUp
        }
    }

    /// What the caller is told when no remedy is left.
    var storeError: StoreError {
        let message = self.cause.description
        switch self.cause.kind {
        case .deadlineExceeded: return StoreError(.deadlineExceeded, message)
        case .cancelled: return StoreError(.cancelled, message)
        case .connectionFailed, .connectionLost, .resourceExhausted:
            return StoreError(.unavailable, message)
        case .statementFailed, .invalidValue: break
        }
        if let state = self.cause.state,
            state == .lockNotAvailable || state.meansInterruptedStatement
        {
            return StoreError(.unavailable, message)
        }
        switch self.subject {
        case .moment, .job: return StoreError(.jobUnreadable, message)
        case .detail: return StoreError(.detailUnreadable, message)
        case .tables: return StoreError(.tablesUnreadable, message)
        case .files(let table): return StoreError(.filesUnreadable(table), message)
        case .jobList: return StoreError(.jobListUnreadable, message)
        case .events: return StoreError(.eventsUnreadable, message)
        case .event: return StoreError(.eventUnreadable, message)
        case .revision: return StoreError(.revisionUnreadable, message)
        }
    }
}
