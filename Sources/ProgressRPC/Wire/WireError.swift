/// What is wrong with bytes that a peer sent.
///
/// Ends the connection, unless its code says that only a call fails.
struct WireError: Error, Equatable, Sendable {
    /// The kind of fault.
    enum Code: Equatable, Sendable {
        /// The header announces more than the receiver takes.
        case payloadTooLarge
        /// The bytes break a rule of `protocol/SPEC.md`.
        case protocolError
        /// The frame is sound, but not what it carries; only its call fails.
        case badMessage
        /// A compressed body is not what it announces; only its call fails.
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
