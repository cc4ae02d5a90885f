/// What is wrong with bytes that a peer sent.
///
/// Each but ``Code/badCompression`` ends the connection.
struct WireError: Error, Equatable, Sendable {
    /// The kind of fault.
    enum Code: Equatable, Sendable {
        /// The header announces more than the receiver takes.
        case payloadTooLarge
        /// The bytes break a rule of `protocol/SPEC.md`.
        case protocolError
        /// A compressed body is not what it announces.
        case badCompression
    }

    /// The kind of fault.
    var code: Code
    /// What was found and what is allowed; sent to the peer in GOAWAY.
    var message: String

    /// A rule of the protocol was broken.
    static func protocolError(_ message: String) -> WireError {
        WireError(code: .protocolError, message: message)
    }
}
