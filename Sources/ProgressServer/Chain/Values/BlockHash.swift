/// The hash of one block: 32 bytes, kept inline.
package struct BlockHash: Hashable, Sendable {
    /// The number of bytes in a hash.
    package static var byteCount: Int { 32 }

    // Four words in big-endian order, so that the first holds the first eight bytes.
    private var word0: UInt64 = 0
    private var word1: UInt64 = 0
    private var word2: UInt64 = 0
    private var word3: UInt64 = 0

    /// The hash of 32 zero bytes, which a genesis file gives as its parent.
    package static let zero = Self()

    private init() {}

    /// Creates a hash from the four numbers that its bytes are, eight each, in big-endian order.
    package init(words word0: UInt64, _ word1: UInt64, _ word2: UInt64, _ word3: UInt64) {
        self.word0 = word0
        self.word1 = word1
        self.word2 = word2
        self.word3 = word3
    }

    /// The four numbers that the bytes are, eight each, in big-endian order.
    package var words: (UInt64, UInt64, UInt64, UInt64) {
        (self.word0, self.word1, self.word2, self.word3)
    }

    /// Creates a hash from exactly 32 bytes; `nil` for any other number of them.
    package init?(bytes: [UInt8]) {
        guard bytes.count == Self.byteCount else { return nil }
        var words = (UInt64(0), UInt64(0), UInt64(0), UInt64(0))
        for place in 0..<8 {
            words.0 = words.0 << 8 | UInt64(bytes[place])
            words.1 = words.1 << 8 | UInt64(bytes[place + 8])
            words.2 = words.2 << 8 | UInt64(bytes[place + 16])
            words.3 = words.3 << 8 | UInt64(bytes[place + 24])
        }
        self.init(words: words.0, words.1, words.2, words.3)
    }

    /// Creates a hash from 64 hexadecimal digits of any case, with or without a leading `0x`.
    package init?(hex: String) {
        let digits = Array(hex.utf8)
        self.init(hexDigits: digits.span, from: 0, to: digits.count)
    }

    /// Creates a hash from the digits in `bytes[start..<end]`, by the rule of ``init(hex:)``.
    init?(hexDigits bytes: Span<UInt8>, from start: Int, to end: Int) {
        var offset = start
        if end - start == Self.digitCount + 2 {
            guard bytes[start] == UInt8(ascii: "0"), bytes[start + 1] == UInt8(ascii: "x") else {
                return nil
            }
            offset += 2
        }
        guard end - offset == Self.digitCount,
            let word0 = Self.word(bytes, at: offset),
            let word1 = Self.word(bytes, at: offset + 16),
            let word2 = Self.word(bytes, at: offset + 32),
            let word3 = Self.word(bytes, at: offset + 48)
        else { return nil }
        self.init(words: word0, word1, word2, word3)
    }

    /// Sixteen bits that depend on all bytes: equal for equal hashes.
    var tag: UInt16 {
        // Fibonacci hashing (Knuth 1973), because a made-up hash may differ in few bits.
        let folded = self.word0 ^ self.word1 ^ self.word2 ^ self.word3
        return UInt16(truncatingIfNeeded: (folded &* 0x9E37_79B9_7F4A_7C15) >> 48)
    }

    /// The number of bytes of a hash as text, with `0x`.
    static var textByteCount: Int { 66 }
    private static var digitCount: Int { 64 }

    private static func word(_ bytes: Span<UInt8>, at offset: Int) -> UInt64? {
        guard let high = bytes.word(at: offset).hexDigitsValue,
            let low = bytes.word(at: offset + 8).hexDigitsValue
        else { return nil }
        return high << 32 | low
    }
}

extension BlockHash: CustomStringConvertible {
    /// The form that Amp writes: `0x` and 64 lower-case digits.
    package var description: String {
        let digits = [self.word0, self.word1, self.word2, self.word3].map { word in
            let text = String(word, radix: 16)
            return String(repeating: "0", count: 16 - text.count) + text
        }
        return "0x" + digits.joined()
    }
}
