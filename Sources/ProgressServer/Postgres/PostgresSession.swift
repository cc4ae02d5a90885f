/// A blocking session for tools, demos and tests, on a thread that may wait.
///
/// Not for the server, whose threads also have deadlines and cancellation to mind.
package final class PostgresSession {
    private let connection: PostgresConnection
    private let timeout: Duration
    private var statementNames: [String: String] = [:]

    /// Connects and applies `settings`, by default those of a writer.
    ///
    /// - Parameter timeout: Of the connection and of each statement.
    package init(
        conninfo: String,
        settings: SessionSettings = .writer(applicationName: "progressctl"),
        timeout: Duration = .seconds(60)
    ) throws(PostgresError) {
        self.timeout = timeout
        self.connection = try PostgresConnection(
            conninfo: conninfo,
            settings: settings,
            limit: .after(timeout),
            canceller: StatementCanceller(limit: 1)
        )
    }

    /// The number by which `pg_stat_activity` and `pg_terminate_backend` know the session.
    package var backendID: Int32 { self.connection.backendID }

    /// Whether the session may be used again.
    package var isUsable: Bool { self.connection.isAlive() }

    /// Runs a script of any number of statements; outside of a transaction it is one.
    package func execute(_ script: String) throws(PostgresError) {
        try self.connection.run(script: script, limit: .after(self.timeout))
    }

    /// Runs one statement with parameters `$1`, `$2`, … and drops its rows.
    package func execute(_ sql: String, _ parameters: [Parameter]) throws(PostgresError) {
        try self.query(sql, parameters) { _ throws(PostgresError) in }
    }

    /// Runs one statement and hands over its rows, in binary form.
    package func query(
        _ sql: String,
        _ parameters: [Parameter] = [],
        row: (borrowing Row) throws(PostgresError) -> Void
    ) throws(PostgresError) {
        let query = Query(self.statement(for: sql), parameters)
        try self.connection.run([query], limit: .after(self.timeout)) {
            _,
            values throws(PostgresError) in try row(values)
        }
    }

    /// The `bigint` in the first column of the first row.
    ///
    /// - Throws: ``PostgresError`` of kind `invalidValue` if there is no such value.
    package func int64(
        _ sql: String,
        _ parameters: [Parameter] = []
    ) throws(PostgresError) -> Int64 {
        var value: Int64?
        try self.query(sql, parameters) { row throws(PostgresError) in
            if value == nil { value = try row.int64(0) }
        }
        guard let value else { throw PostgresError(.invalidValue, "the statement gave no row") }
        return value
    }

    /// The `text` of the first column of all rows.
    package func strings(
        _ sql: String,
        _ parameters: [Parameter] = []
    ) throws(PostgresError) -> [String?] {
        var values: [String?] = []
        try self.query(sql, parameters) { row throws(PostgresError) in
            values.append(row.stringIfPresent(0))
        }
        return values
    }

    /// Runs `body` in a transaction: committed when it returns, rolled back when it throws.
    package func transaction<Value>(
        _ body: () throws(PostgresError) -> Value
    ) throws(PostgresError) -> Value {
        try self.execute("BEGIN")
        do throws(PostgresError) {
            let value = try body()
            try self.execute("COMMIT")
            return value
        } catch {
            try? self.execute("ROLLBACK")
            throw error
        }
    }

    private func statement(for sql: String) -> Statement {
        let name = self.statementNames[sql] ?? "session_\(self.statementNames.count)"
        self.statementNames[sql] = name
        return Statement(name: name, sql: sql)
    }
}
