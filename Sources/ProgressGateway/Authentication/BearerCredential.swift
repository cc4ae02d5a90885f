import HTTPTypes

/// What a request brings to say who sends it.
enum BearerCredential: Equatable, Sendable {
    /// No `Authorization` field.
    case absent
    /// Two fields, another scheme, or a token with characters that none has; why, for the log.
    case malformed(String)
    /// `Bearer` and one token, not yet verified.
    case token(String)

    /// Most bytes of a token.
    static let tokenByteLimit = 4096

    /// Reads the credential in the only place where one is taken: a single `Authorization` field.
    ///
    /// The scheme is `Bearer` in any case, then one space, then a b64token of RFC 6750, 2.1.
    init(_ fields: HTTPFields) {
        let values = fields[values: .authorization]
        guard let value = values.first else {
            self = .absent
            return
        }
        guard values.count == 1 else {
            self = .malformed("\(values.count) Authorization fields")
            return
        }
        let parts = value.utf8.split(
            separator: UInt8(ascii: " "),
            maxSplits: 1,
            omittingEmptySubsequences: false
        )
        guard parts.count == 2, Self.isBearer(parts[0]) else {
            self = .malformed("the scheme is not Bearer")
            return
        }
        guard parts[1].count <= Self.tokenByteLimit else {
            self = .malformed("the token has \(parts[1].count) bytes")
            return
        }
        guard Self.isToken(parts[1]) else {
            self = .malformed("the token has characters that none has")
            return
        }
        self = .token(String(decoding: parts[1], as: UTF8.self))
    }

    private static func isBearer(_ scheme: Substring.UTF8View) -> Bool {
        // Setting bit 5 turns an upper-case letter to lower case, and nothing else into a letter
        // that counts here.
        scheme.map { $0 | 0x20 }.elementsEqual("bearer".utf8)
            && scheme.allSatisfy { 0x41...0x5A ~= $0 || 0x61...0x7A ~= $0 }
    }

    private static func isToken(_ token: Substring.UTF8View) -> Bool {
        let padding = token.reversed().prefix { $0 == UInt8(ascii: "=") }.count
        let body = token.dropLast(padding)
        return !body.isEmpty
            && body.allSatisfy { byte in
                switch byte {
                case 0x30...0x39, 0x41...0x5A, 0x61...0x7A: true
                default: "-._~+/".utf8.contains(byte)
                }
            }
    }
}
