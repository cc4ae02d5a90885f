import CLibPQ
import Glibc

/// One statement at a time, in two steps: the shortest way to an answer, and one that a thread can
/// leave in the middle for another to finish.
///
/// Unlike ``run(_:limit:row:)`` it uses no pipeline, which costs a third of such a round trip.
extension PostgresConnection {
    /// Whether this session has prepared a statement, as ``send(single:)`` wants it.
    package func hasPrepared(_ statement: Statement) -> Bool {
        self.preparedNames.contains(statement.name)
    }

    /// Sends a statement that was prepared before; ``receiveSingle(limit:row:)`` must follow.
    ///
    /// - Throws: ``PostgresError`` of kind `connectionLost`.
    package func send(single query: Query) throws(PostgresError) {
        guard self.isUsable else { throw self.lost("the session was abandoned before") }
        let isSent =
            query.parameters.isEmpty
            // A short name stays on the stack; as an argument it would be copied to the heap.
            ? unsafe query.statement.name.withCString { name in
                unsafe PQsendQueryPrepared(self.handle, name, 0, nil, nil, nil, 1) == 1
            }
            : unsafe EncodedParameters(query.parameters).send(query.statement, on: self.handle)
        guard isSent else { throw self.lost() }
    }

    /// Waits for the answer to what was sent, and gives nothing up if it does not come.
    ///
    /// Looks for it again and again, for less than a millisecond: to be woken costs more than a short
    /// statement takes.
    ///
    /// - Returns: Whether it is there.
    /// - Throws: ``PostgresError`` of kind `connectionLost`.
    package func awaitSingle(
        until deadline: ContinuousClock.Instant
    ) throws(PostgresError) -> Bool {
        while true {
            let flushed = unsafe PQflush(self.handle)
            guard flushed >= 0 else { throw self.lost() }
            if flushed == 0, unsafe PQisBusy(self.handle) == 0 { return true }
            guard ContinuousClock.now < deadline else { return false }
            // Lets PostgreSQL have this processor if it wants it.
            sched_yield()
            guard unsafe PQconsumeInput(self.handle) == 1 else { throw self.lost() }
        }
    }

    /// Receives the answer to what was sent and hands over its rows.
    ///
    /// - Throws: ``PostgresError``.
    package func receiveSingle(
        limit: WaitLimit,
        row: (borrowing Row) throws(PostgresError) -> Void
    ) throws(PostgresError) {
        var failure: PostgresError?
        while let result = try unsafe self.nextResult(limit: limit) {
            defer { unsafe PQclear(result) }
            guard unsafe PQresultStatus(result) == PGRES_TUPLES_OK else {
                let error = unsafe self.failure(of: result)
                failure = failure ?? error
                if !self.isUsable { throw error }
                continue
            }
            guard failure == nil else { continue }
            do throws(PostgresError) {
                for index in unsafe 0..<PQntuples(result) {
                    try row(unsafe Row(result: result, index: index))
                }
            } catch {
                failure = error
            }
        }
        if let failure { throw failure }
    }

    /// Runs one statement and hands over its rows.
    ///
    /// - Throws: ``PostgresError``.
    package func run(
        single query: Query,
        limit: WaitLimit,
        row: (borrowing Row) throws(PostgresError) -> Void
    ) throws(PostgresError) {
        guard self.hasPrepared(query.statement) else {
            return try self.run([query], limit: limit) {
                _,
                values throws(PostgresError) in try row(values)
            }
        }
        try self.send(single: query)
        try self.receiveSingle(limit: limit, row: row)
    }
}
