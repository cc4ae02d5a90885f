import HTTPTypes
import NIOHTTP1

/// What a request head must be before the gateway looks at what it asks for.
struct RequestHeadRules: Sendable {
    let targetByteLimit: Int

    /// - Returns: The answer to a head that breaks a rule, after which the connection is closed;
    ///   `nil` for a good one.
    func refusal(of head: HTTPRequestHead) -> HTTPFailure? {
        guard head.version.major == 1 else {
            return .badRequest("this server speaks HTTP/1.1")
        }
        guard head.uri.utf8.count <= self.targetByteLimit else { return .targetTooLong }
        guard head.uri.utf8.first == UInt8(ascii: "/") else {
            return .badRequest("the request target must be a path")
        }
        let hosts = head.headers["host"]
        guard hosts.count == 1 || (hosts.isEmpty && head.version.minor == 0) else {
            return .badRequest("the request must have one Host field")
        }
        guard hosts.allSatisfy(Self.isAuthority) else {
            return .badRequest("the Host field must be a name or an address, and a port")
        }
        return nil
    }

    /// Whether no request can follow this one on its connection.
    ///
    /// After an `Upgrade` or `CONNECT` the parser reads nothing more, though neither is granted.
    func isLast(_ head: HTTPRequestHead) -> Bool {
        !head.isKeepAlive || head.version.minor == 0 || Self.announcesBody(head)
            || head.headers.contains(name: "upgrade") || head.method == .CONNECT
    }

    /// Whether a body follows; it is thrown away.
    static func announcesBody(_ head: HTTPRequestHead) -> Bool {
        head.headers.contains(name: "transfer-encoding")
            || head.headers["content-length"].contains { $0 != "0" }
    }

    private static func isAuthority(_ host: String) -> Bool {
        !host.isEmpty
            && host.utf8.allSatisfy { byte in
                switch byte {
                case 0x30...0x39, 0x41...0x5A, 0x61...0x7A: true
                default: ".-_:[]%".utf8.contains(byte)
                }
            }
    }
}

extension HTTPFailure {
    static let targetTooLong = Self(
        status: .uriTooLong,
        code: "URI_TOO_LONG",
        message: "the request target is too long"
    )

    static let headerTooLarge = Self(
        status: .requestHeaderFieldsTooLarge,
        code: "HEADER_TOO_LARGE",
        message: "the request line and header fields are too large or too many"
    )

    static let requestTimeout = Self(
        status: .requestTimeout,
        code: "REQUEST_TIMEOUT",
        message: "the rest of the request did not arrive in time"
    )

    /// The answer to bytes that the HTTP parser refuses.
    init(parserError error: any Error) {
        if case HTTPParserError.headerOverflow = error {
            self = .headerTooLarge
        } else {
            self = .badRequest("the request is not well-formed HTTP/1.1").because("\(error)")
        }
    }
}
