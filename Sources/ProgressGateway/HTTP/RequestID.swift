import HTTPTypes

/// The name of a request in logs on both sides: the caller's, if it sent a usable one, or ours.
struct RequestID: Equatable, Sendable, CustomStringConvertible {
    static let fieldName = HTTPField.Name.xRequestID

    let description: String

    /// Takes over what the caller sent.
    ///
    /// - Returns: `nil` unless it is 1 to 64 letters, digits, dots, underscores and hyphens.
    init?(_ text: String) {
        let isUsable = text.utf8.allSatisfy { byte in
            switch byte {
            case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x2D, 0x2E, 0x5F: true
            default: false
            }
        }
        guard isUsable, 1...64 ~= text.utf8.count else { return nil }
        self.description = text
    }

    /// Draws 64 random bits.
    init() {
        let digits = String(UInt64.random(in: .min ... .max), radix: 16)
        self.description = String(repeating: "0", count: 16 - digits.utf8.count) + digits
    }

    /// The id of the request with these fields.
    init(of fields: HTTPFields) {
        self = fields[Self.fieldName].flatMap(Self.init) ?? Self()
    }
}

extension HTTPField.Name {
    /// `X-Request-Id`.
    static let xRequestID = Self(literal: "x-request-id")
    /// `Link` of RFC 8288.
    static let link = Self(literal: "link")
    /// `traceparent` of W3C Trace Context.
    static let traceparent = Self(literal: "traceparent")
    /// `Referrer-Policy` of the W3C.
    static let referrerPolicy = Self(literal: "referrer-policy")

    private init(literal name: String) {
        guard let parsed = Self(name) else { preconditionFailure("'\(name)' is no field name") }
        self = parsed
    }
}
