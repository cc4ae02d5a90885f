internal import Crypto

/// A secret that opens the gateway.
///
///     amppt_ ⟨id: 10 base32⟩ ⟨secret: 32 base62⟩ _ ⟨CRC-32 of all before the last '_': 6 base62⟩
///
/// The fixed prefix and the checksum let secret scanners find leaked tokens, and tell a typing
/// mistake from a wrong token without a look-up. The secret holds 190 random bits, so a plain
/// SHA-256 is enough at rest.
package struct APIToken: Equatable, Sendable {
    /// What every token begins with.
    package static let prefix = "amppt_"

    static let secretCharacterCount = 32
    static let checksumCharacterCount = 6
    static let byteCount =
        prefix.utf8.count + TokenID.characterCount + secretCharacterCount + 1
        + checksumCharacterCount

    /// The public part.
    package let id: TokenID
    /// The whole token: shown once to the person who created it, and never logged.
    package let text: String

    /// Draws a token from the system's random source.
    package static func random() -> Self {
        var generator = SystemRandomNumberGenerator()
        return Self(using: &generator)
    }

    init(using generator: inout some RandomNumberGenerator) {
        self.id = TokenID(using: &generator)
        let secret = (0..<Self.secretCharacterCount).map { _ in
            TokenAlphabet.base62[Int.random(in: 0..<62, using: &generator)]
        }
        let body = Array(Self.prefix.utf8) + Array(self.id.rawValue.utf8) + secret
        self.text = String(decoding: body + Self.tail(of: body), as: UTF8.self)
    }

    /// Reads a token as a caller presents it: these bytes and nothing around them.
    package init(parsing text: String) throws(TokenFormatError) {
        let bytes = Array(text.utf8)
        guard bytes.count == Self.byteCount, bytes.starts(with: Self.prefix.utf8) else {
            throw .malformed
        }
        let idStart = Self.prefix.utf8.count
        let secretStart = idStart + TokenID.characterCount
        let tailStart = secretStart + Self.secretCharacterCount
        let isBase62 = TokenAlphabet.base62.contains
        guard
            let id = TokenID(
                rawValue: String(decoding: bytes[idStart..<secretStart], as: UTF8.self)
            ),
            bytes[secretStart..<tailStart].allSatisfy(isBase62),
            bytes[tailStart] == UInt8(ascii: "_"),
            bytes[(tailStart + 1)...].allSatisfy(isBase62)
        else { throw .malformed }
        guard bytes[tailStart...].elementsEqual(Self.tail(of: bytes[..<tailStart])) else {
            throw .wrongChecksum
        }
        self.id = id
        self.text = text
    }

    /// What is kept of the token: the SHA-256 of its text, 32 bytes.
    var digest: SHA256Digest { SHA256.hash(data: Array(self.text.utf8)) }

    private static func tail(of body: some Sequence<UInt8>) -> [UInt8] {
        let checksum = CRC32.checksum(of: body)
        return [UInt8(ascii: "_")]
            + TokenAlphabet.base62Digits(of: checksum, count: Self.checksumCharacterCount)
    }
}
