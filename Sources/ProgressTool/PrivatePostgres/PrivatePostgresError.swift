/// Why there is no private PostgreSQL: what was found and what to do, in one sentence.
package struct PrivatePostgresError: Error, Equatable, Sendable, CustomStringConvertible {
    package var description: String

    package init(_ description: String) { self.description = description }
}
