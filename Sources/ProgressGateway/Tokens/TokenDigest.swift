internal import Crypto

/// The SHA-256 of a token's text: all that is kept of it.
package struct TokenDigest: Equatable, Sendable {
    private let bytes: [UInt8]

    /// Equal to the digest of no token that anyone can find; compared with when an id is unknown.
    static let none = Self(bytes: [UInt8](repeating: 0, count: SHA256Digest.byteCount))

    private init(bytes: [UInt8]) {
        self.bytes = bytes
    }

    init(of token: APIToken) {
        self.bytes = Array(token.digest)
    }

    /// - Returns: `nil` unless `hexadecimal` is 64 lower-case hexadecimal digits.
    init?(hexadecimal: String) {
        let digits = Array(hexadecimal.utf8)
        guard digits.count == 2 * SHA256Digest.byteCount else { return nil }
        var bytes: [UInt8] = []
        for index in stride(from: 0, to: digits.count, by: 2) {
            guard let high = Self.value(of: digits[index]),
                let low = Self.value(of: digits[index + 1])
            else { return nil }
            bytes.append(high << 4 | low)
        }
        self.bytes = bytes
    }

    /// 64 lower-case hexadecimal digits.
    var hexadecimal: String {
        let digits = Array("0123456789abcdef".utf8)
        return String(
            decoding: self.bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] },
            as: UTF8.self
        )
    }

    /// Whether this is the digest of `token`; takes the same time whatever the answer.
    func matches(_ token: APIToken) -> Bool {
        token.digest == self.bytes
    }

    private static func value(of digit: UInt8) -> UInt8? {
        switch digit {
        case 0x30...0x39: digit - 0x30
        case 0x61...0x66: digit - 0x61 + 10
        default: nil
        }
    }
}
