/// A configuration that the gateway will not start with.
struct ConfigurationError: Error, Equatable, Sendable, CustomStringConvertible {
    /// Names the option, the value found and what is allowed.
    let description: String

    init(_ description: String) {
        self.description = description
    }
}
