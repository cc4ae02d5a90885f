/// A configuration that the server will not start with: option, value found, and what is allowed.
struct ConfigurationError: Error, Equatable, Sendable, CustomStringConvertible {
    let description: String

    init(_ description: String) { self.description = description }
}
