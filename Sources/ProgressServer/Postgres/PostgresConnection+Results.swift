import CLibPQ

extension PostgresConnection {
    /// Runs a script of any number of statements, without parameters, and drops its rows.
    package func run(script: String, limit: WaitLimit) throws(PostgresError) {
        guard self.isUsable else { throw self.lost("the session was abandoned before") }
        guard unsafe PQsendQuery(self.handle, script) == 1 else { throw self.lost() }
        var failure: PostgresError?
        while let result = try unsafe self.nextResult(limit: limit) {
            defer { unsafe PQclear(result) }
            switch unsafe PQresultStatus(result) {
            case PGRES_COMMAND_OK, PGRES_TUPLES_OK, PGRES_EMPTY_QUERY:
                break
            case PGRES_COPY_IN, PGRES_COPY_OUT, PGRES_COPY_BOTH:
                throw self.lost("COPY is not possible here; use INSERT")
            default:
                let error = unsafe self.failure(of: result)
                failure = failure ?? error
                if !self.isUsable { throw error }
            }
        }
        if let failure { throw failure }
    }

    /// The next result, or `nil` when a statement has no more.
    func nextResult(limit: WaitLimit) throws(PostgresError) -> OpaquePointer? {
        try self.waitUntilResultIsReady(limit: limit)
        return unsafe PQgetResult(self.handle)
    }

    /// Turns a result that is an error into ours, and notes whether the session survived it.
    func failure(of result: OpaquePointer) -> PostgresError {
        let code = unsafe PQresultErrorField(result, diagnosticField("C"))
        let state = unsafe code.map { unsafe SQLState(rawValue: String(cString: $0)) }
        let primary = unsafe PQresultErrorField(result, diagnosticField("M"))
        let message = unsafe oneLine(primary ?? PQresultErrorMessage(result))
        if unsafe PQstatus(self.handle) == CONNECTION_BAD || state?.meansLostConnection ?? true {
            return self.lost(message, state: state)
        }
        return PostgresError(.statementFailed, message, state: state)
    }
}

/// The letters of libpq's `PG_DIAG_…` macros.
private func diagnosticField(_ letter: Unicode.Scalar) -> CInt { CInt(letter.value) }
