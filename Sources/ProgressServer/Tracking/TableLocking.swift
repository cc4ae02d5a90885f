import ProgressPostgres

/// Locks several of Amp's tables for a moment, or gives up before anybody suffers from it.
///
/// Whoever waits for a strong lock makes all later writers wait too, and a writer that waits for us while
/// we wait for it is a deadlock. Both end with our wait, which is shorter than the time after which
/// PostgreSQL looks for deadlocks: so it finds none, and no writer is its victim.
struct TableLocking: Sendable {
    /// The longest wait for all tables together, and at most half of `deadlock_timeout`.
    var patience: Duration = .milliseconds(500)
    /// How often it is tried.
    var attemptLimit = 5
    /// The time between two tries, in which the writers that waited go on.
    var pause: Duration = .seconds(1)

    /// Runs `body` in a transaction, again if it could not have its locks; it must take them by
    /// ``lock(_:mode:on:limit:)``.
    ///
    /// - Throws: ``TrackingError`` that names who is in the way; ``PostgresError`` otherwise. Nothing is
    ///   changed then.
    func transaction<Value>(
        on connection: PostgresConnection,
        limit: WaitLimit,
        _ body: () throws -> Value
    ) throws -> Value {
        let wakeUp = try WakeUp()
        var attempt = 1
        while true {
            do {
                try connection.run(script: "BEGIN", limit: limit)
                let value = try body()
                try connection.run(script: "COMMIT", limit: limit)
                return value
            } catch {
                if connection.isUsable { try connection.rollBack(limit: limit) }
                guard let error = error as? PostgresError, error.meansBlocked else { throw error }
                guard attempt < self.attemptLimit else {
                    throw TrackingError(try self.complaint(on: connection, limit: limit))
                }
                attempt += 1
                wakeUp.wait(until: .now.advanced(by: self.pause))
            }
        }
    }

    /// Locks tables, given as SQL, in their order, until the transaction ends.
    func lock(
        _ tables: [String],
        mode: TableLockMode,
        on connection: PostgresConnection,
        limit: WaitLimit
    ) throws(PostgresError) {
        let half = try connection.int64(
            Query(TrackingLockStatements.halfDeadlockTimeout),
            limit: limit
        )
        let patience = min(Int64(self.patience / .milliseconds(1)), half ?? .max)
        let names = tables.joined(separator: ", ")
        // Of the statement, not of a lock: the wait for all of them is what writers feel.
        try connection.run(
            script: "SET LOCAL statement_timeout = \(max(patience, 1))",
            limit: limit
        )
        try connection.run(script: "LOCK TABLE \(names) IN \(mode.rawValue) MODE", limit: limit)
        try connection.run(script: "SET LOCAL statement_timeout = '10s'", limit: limit)
    }

    private func complaint(
        on connection: PostgresConnection,
        limit: WaitLimit
    ) throws(PostgresError) -> String {
        var holder: String?
        try connection.run([Query(TrackingLockStatements.holder)], limit: limit) {
            _,
            row throws(PostgresError) in
            let age = try row.int64IfPresent(3).map { " open for \($0) s" } ?? ""
            let number = try row.int64IfPresent(1)
            let process = number.map { "process \($0)" } ?? "nobody, as it is prepared"
            let name = row.stringIfPresent(0).map { " (\($0))" } ?? ""
            holder =
                "table \(try row.string(2)) is in a transaction\(age) of \(process)\(name); "
                + "end that transaction or try again later"
        }
        return
            "Amp's tables could not be locked in \(self.attemptLimit) tries; nothing was changed: "
            + (holder ?? "a long transaction, or another installation, held them; try again")
    }
}

private enum TrackingLockStatements {
    static let halfDeadlockTimeout = Statement(
        name: "half_deadlock_timeout",
        sql: "SELECT setting::bigint / 2 FROM pg_settings WHERE name = 'deadlock_timeout'"
    )

    /// The oldest transaction that keeps one of Amp's tables from us: program text?, process bigint?,
    /// table text, age in seconds bigint?.
    static let holder = Statement(
        name: "tracking_lock_holder",
        sql: """
            SELECT coalesce(nullif(a.application_name, ''), a.backend_type), l.pid::bigint,
                   c.relname,
                   floor(extract(epoch FROM clock_timestamp() - a.xact_start))::bigint
              FROM pg_catalog.pg_locks AS l
              JOIN pg_catalog.pg_class AS c ON c.oid = l.relation
              JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
              LEFT JOIN pg_catalog.pg_stat_activity AS a ON a.pid = l.pid
             WHERE l.granted AND l.pid IS DISTINCT FROM pg_backend_pid()
                   AND l.database = (SELECT d.oid FROM pg_catalog.pg_database AS d
                                      WHERE d.datname = current_database())
                   AND n.nspname = 'public'
                   AND c.relname = ANY ('{\(TrackedTable.names)}'::name[])
             ORDER BY l.mode = 'AccessShareLock', a.xact_start NULLS LAST
             LIMIT 1
            """
    )
}

extension PostgresConnection {
    /// The `bigint` in the first column of the last row; `nil` for NULL, or without a row.
    func int64(
        _ query: Query,
        limit: WaitLimit
    ) throws(PostgresError) -> Int64? {
        var value: Int64?
        try self.run([query], limit: limit) { _, row throws(PostgresError) in
            value = try row.int64IfPresent(0)
        }
        return value
    }
}

extension PostgresError {
    fileprivate var meansBlocked: Bool {
        self.state == .lockNotAvailable || self.state == .queryCanceled
    }
}
