import CLibPQ

/// One libpq session, owned by the thread that created it and closed when the value ends.
///
/// libpq is never allowed to block: every wait is ours, in `poll(2)`, and ends when the socket is
/// ready, the ``WaitLimit`` is over, or the ``WakeUp`` is signalled. A session whose wait was cut
/// short is abandoned: PostgreSQL is asked to cancel, and ``isUsable`` turns false for good.
@safe package final class PostgresConnection {
    let handle: OpaquePointer
    let wakeUp: WakeUp?
    private let canceller: StatementCanceller
    /// Names of the statements that this session has prepared.
    var preparedNames: Set<String> = []
    /// Whether the session may be used again.
    package private(set) var isUsable = true

    /// Connects and applies `settings`.
    ///
    /// - Parameters:
    ///   - conninfo: A libpq connection string or URI; several hosts are tried in turn.
    ///   - wakeUp: Ends a wait early, so that `limit` is looked at again.
    /// - Throws: ``PostgresError`` of kind `connectionFailed`, `deadlineExceeded` or `cancelled`.
    package init(
        conninfo: String,
        settings: SessionSettings,
        limit: WaitLimit,
        wakeUp: WakeUp? = nil,
        canceller: StatementCanceller
    ) throws(PostgresError) {
        unsafe self.handle = try openHandle(
            conninfo: conninfo,
            applicationName: settings.applicationName,
            limit: limit,
            wakeUp: wakeUp
        )
        self.wakeUp = wakeUp
        self.canceller = canceller
        _ = unsafe PQsetnonblocking(self.handle, 1)
        try self.run(script: settings.script, limit: limit)
    }

    deinit { unsafe PQfinish(self.handle) }

    /// Whether a transaction is open, sound or failed.
    package var isInTransaction: Bool {
        unsafe PQtransactionStatus(self.handle) != PQTRANS_IDLE
    }

    /// The number by which `pg_stat_activity` and `pg_terminate_backend` know the session.
    package var backendID: Int32 { unsafe PQbackendPID(self.handle) }

    /// The session's own error text, on one line.
    var errorMessage: String { unsafe oneLine(PQerrorMessage(self.handle)) }

    /// Waits until libpq has a whole result, or none.
    func waitUntilResultIsReady(limit: WaitLimit) throws(PostgresError) {
        while true {
            let flushed = unsafe PQflush(self.handle)
            guard flushed >= 0 else { throw self.lost() }
            if flushed == 0, unsafe PQisBusy(self.handle) == 0 { return }
            if let violation = limit.violation { throw self.abandoned(for: violation) }
            let readiness = waitForReadiness(
                of: unsafe PQsocket(self.handle),
                events: flushed == 1 ? pollIn | pollOut : pollIn,
                wakeUp: limit.ignoresWakeUp ? nil : self.wakeUp,
                until: limit.deadline
            )
            switch readiness {
            case .ready:
                guard unsafe PQconsumeInput(self.handle) == 1 else { throw self.lost() }
            case .woken:
                self.wakeUp?.reset()
            case .deadlinePassed:
                break
            }
        }
    }

    /// Marks the session as dead and returns the error that says so.
    func lost(_ reason: String? = nil, state: SQLState? = nil) -> PostgresError {
        self.isUsable = false
        return PostgresError(.connectionLost, reason ?? self.errorMessage, state: state)
    }

    func abandoned(for violation: PostgresError) -> PostgresError {
        self.isUsable = false
        unsafe self.canceller.cancelStatement(of: self.handle)
        return violation
    }
}
