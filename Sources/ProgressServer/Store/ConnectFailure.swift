import ProgressPostgres

/// Why a worker has no session: for the callers, and for the next attempt.
struct ConnectFailure: Error, Equatable, Sendable {
    enum Kind: Equatable, Sendable {
        /// Nothing answers, or what answers is starting or stopping.
        case unreachable
        /// PostgreSQL answers and refuses us: too many sessions, wrong role, no such database.
        case refused
        /// The database is none that we serve.
        case unsupported(UnsupportedDatabase)

        fileprivate var storeErrorKind: StoreError.Kind {
            if case .unsupported(let reason) = self {
                .unsupportedDatabase(reason)
            } else {
                .unavailable
            }
        }
    }

    var kind: Kind
    var message: String

    init(_ error: PostgresError) {
        let isRefusal = error.state.map { !$0.meansLostConnection } ?? false
        self.kind = isRefusal ? .refused : .unreachable
        self.message = error.description
    }

    init(_ reason: UnsupportedDatabase) {
        self.kind = .unsupported(reason)
        self.message = reason.description
    }

    var isUnsupported: Bool { if case .unsupported = self.kind { true } else { false } }

    var storeError: StoreError {
        StoreError(self.kind.storeErrorKind, self.message)
    }

    /// How soon after this failure a waiting caller may cause another attempt.
    ///
    /// Short where it pays: a server that starts will answer soon; one that refuses will not.
    var pauseBeforeProbe: Duration {
        self.kind == .unreachable ? .milliseconds(100) : .milliseconds(500)
    }
}
