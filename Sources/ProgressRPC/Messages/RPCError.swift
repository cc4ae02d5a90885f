/// Why a call failed, as seen by the caller.
public struct RPCError: Error, Equatable, Sendable {
    /// The kind of failure, which decides what the caller should do; `protocol/registry.md`.
    public var code: Code
    /// What happened and what to do about it, for a person; never parsed.
    public var message: String
    /// A stable token of the registry, such as `JOB_NOT_FOUND`; empty if there is none.
    public var reason: String
    /// How long to wait before a retry, if the failing side knows.
    public var retryAfter: Duration?
    /// Particulars by name, such as `limit`.
    public var details: [String: String]
    /// Whether it is certain that no handler started, so that the call had no effect.
    public var isNotProcessed: Bool

    /// Creates an error that a handler answers with, or a client reports.
    public init(
        _ code: Code,
        _ message: String,
        reason: String = "",
        retryAfter: Duration? = nil,
        details: [String: String] = [:],
        isNotProcessed: Bool = false
    ) {
        self.code = code
        self.message = message
        self.reason = reason
        self.retryAfter = retryAfter
        self.details = details
        self.isNotProcessed = isNotProcessed
    }
}

extension RPCError {
    /// A status on the wire.
    ///
    /// An open set: a code that this version does not know still decodes, compares and prints.
    public struct Code: RawRepresentable, Hashable, Sendable {
        /// The number on the wire.
        public var rawValue: UInt16

        /// Creates a code from the number on the wire.
        public init(rawValue: UInt16) {
            self.rawValue = rawValue
        }

        static let ok = Code(rawValue: 0)
        static let notModified = Code(rawValue: 32)

        /// The caller cancelled the call.
        public static let cancelled = Code(rawValue: 1)
        /// Something that has no code of its own.
        public static let unknown = Code(rawValue: 2)
        /// The request is wrong whatever the state of the server.
        public static let invalidArgument = Code(rawValue: 3)
        /// The time ran out.
        public static let deadlineExceeded = Code(rawValue: 4)
        /// There is none, or the caller may not see it.
        public static let notFound = Code(rawValue: 5)
        /// The connection's role may not do this.
        public static let permissionDenied = Code(rawValue: 7)
        /// A limit is reached; back off.
        public static let resourceExhausted = Code(rawValue: 8)
        /// An operator must act first.
        public static let failedPrecondition = Code(rawValue: 9)
        /// The server has no such method or version.
        public static let unimplemented = Code(rawValue: 12)
        /// A part of the server failed; the reason says which.
        public static let internalError = Code(rawValue: 13)
        /// Not now; retry.
        public static let unavailable = Code(rawValue: 14)
        /// The call must carry a scope.
        public static let unauthenticated = Code(rawValue: 16)
        /// A message is larger than its receiver takes.
        public static let messageTooLarge = Code(rawValue: 35)
        /// A compressed body is broken.
        public static let badCompression = Code(rawValue: 36)
        /// A message cannot be decoded.
        public static let badMessage = Code(rawValue: 37)
    }
}

extension RPCError.Code: CustomStringConvertible {
    /// The name in the registry; `CODE<number>` for a code that is not in it.
    public var description: String {
        switch self {
        case .ok: "OK"
        case .cancelled: "CANCELLED"
        case .unknown: "UNKNOWN"
        case .invalidArgument: "INVALID_ARGUMENT"
        case .deadlineExceeded: "DEADLINE_EXCEEDED"
        case .notFound: "NOT_FOUND"
        case .permissionDenied: "PERMISSION_DENIED"
        case .resourceExhausted: "RESOURCE_EXHAUSTED"
        case .failedPrecondition: "FAILED_PRECONDITION"
        case .unimplemented: "UNIMPLEMENTED"
        case .internalError: "INTERNAL"
        case .unavailable: "UNAVAILABLE"
        case .unauthenticated: "UNAUTHENTICATED"
        case .notModified: "NOT_MODIFIED"
        case .messageTooLarge: "MESSAGE_TOO_LARGE"
        case .badCompression: "BAD_COMPRESSION"
        case .badMessage: "BAD_MESSAGE"
        default: "CODE\(self.rawValue)"
        }
    }
}

extension RPCError: CustomStringConvertible {
    /// The code, the reason and the text, for logs and command lines.
    public var description: String {
        self.reason.isEmpty
            ? "\(self.code): \(self.message)" : "\(self.code) (\(self.reason)): \(self.message)"
    }
}
