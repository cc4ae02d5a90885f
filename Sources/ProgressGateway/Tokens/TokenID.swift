/// The public part of an API token, by which its record is found; it is no secret.
package struct TokenID: RawRepresentable, Hashable, Sendable, CustomStringConvertible {
    /// Characters of an id: 50 random bits in lower-case base32.
    static let characterCount = 10

    /// The id as written: ten characters of `a`–`z` and `2`–`7`.
    package let rawValue: String

    /// - Returns: `nil` unless `rawValue` is an id as written.
    package init?(rawValue: String) {
        guard rawValue.utf8.count == Self.characterCount,
            rawValue.utf8.allSatisfy(TokenAlphabet.base32.contains)
        else { return nil }
        self.rawValue = rawValue
    }

    /// Draws an id.
    init(using generator: inout some RandomNumberGenerator) {
        let characters = (0..<Self.characterCount).map { _ in
            TokenAlphabet.base32[Int.random(in: 0..<32, using: &generator)]
        }
        self.rawValue = String(decoding: characters, as: UTF8.self)
    }

    package var description: String { self.rawValue }
}
