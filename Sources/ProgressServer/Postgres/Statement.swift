/// A statement of SQL that a connection prepares once, at its first use.
package struct Statement: Hashable, Sendable {
    /// Unique among the statements of one connection.
    package let name: String
    package let sql: String
    /// Whether rows are handed over one by one as they arrive, so that a long answer never lies
    /// in memory as a whole.
    package let isStreamed: Bool

    package init(name: String, sql: String, isStreamed: Bool = false) {
        self.name = name
        self.sql = sql
        self.isStreamed = isStreamed
    }
}

/// A statement with its parameters.
package struct Query: Sendable {
    package var statement: Statement
    package var parameters: [Parameter]

    package init(_ statement: Statement, _ parameters: [Parameter] = []) {
        self.statement = statement
        self.parameters = parameters
    }
}
