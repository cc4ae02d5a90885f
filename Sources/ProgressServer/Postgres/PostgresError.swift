/// Why PostgreSQL gave no answer.
///
/// The message is PostgreSQL's or libpq's own and may name hosts, roles and tables: it is for the
/// log of this machine, never for a remote caller.
package struct PostgresError: Error, Equatable, Sendable {
    package enum Kind: Sendable {
        /// No session could be opened.
        case connectionFailed
        /// The session ended while it was used, or before.
        case connectionLost
        /// PostgreSQL refused a statement; the session lives on.
        case statementFailed
        /// The deadline passed; the session was abandoned.
        case deadlineExceeded
        /// The caller no longer wants the answer; the session was abandoned.
        case cancelled
        /// A value was not of the form that the reader expects.
        case invalidValue
        /// This process lacks memory, threads or descriptors.
        case resourceExhausted
    }

    package var kind: Kind
    /// PostgreSQL's code, if PostgreSQL was the one to complain.
    package var state: SQLState?
    /// One line, without a final full stop or newline.
    package var message: String
    /// Which statement of a pipeline failed, counted from 0.
    package var statementIndex: Int?

    package init(
        _ kind: Kind,
        _ message: String,
        state: SQLState? = nil,
        statementIndex: Int? = nil
    ) {
        self.kind = kind
        self.state = state
        self.message = message
        self.statementIndex = statementIndex
    }
}

extension PostgresError: CustomStringConvertible {
    package var description: String {
        guard let state = self.state else { return self.message }
        return "\(self.message) (SQLSTATE \(state.rawValue))"
    }
}
