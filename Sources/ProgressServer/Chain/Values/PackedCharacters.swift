extension Span<UInt8> {
    /// The eight bytes from `offset` on, the first in the lowest bits.
    @inline(__always)
    func word(at offset: Int) -> UInt64 {
        // The load checks that the bytes are there, and any eight bytes are an integer.
        let word = unsafe self.bytes.unsafeLoadUnaligned(fromByteOffset: offset, as: UInt64.self)
        return UInt64(littleEndian: word)
    }
}

/// Eight characters at a time, the first in the lowest bits.
///
/// The methods are Mycroft's: subtracting from each byte borrows its highest bit if the byte is below
/// what is subtracted. A borrow can spoil only higher bytes, so the lowest mark is right.
extension UInt64 {
    @inline(__always)
    private static func repeating(_ byte: UInt8) -> Self {
        0x0101_0101_0101_0101 &* Self(byte)
    }

    /// A mark in the highest bit of the first byte with a meaning of its own in a JSON string.
    ///
    /// That is a quote, a backslash, a control character or a byte that is not ASCII. Bytes after it,
    /// which are above it here, may be marked or not. 0 if there is no such byte.
    @inline(__always)
    var markingSpecialCharacters: Self {
        let quotes = self ^ Self.repeating(UInt8(ascii: "\""))
        let backslashes = self ^ Self.repeating(UInt8(ascii: "\\"))
        let marks =
            (quotes &- Self.repeating(1)) & ~quotes
            | (backslashes &- Self.repeating(1)) & ~backslashes
            | (self &- Self.repeating(0x20)) & ~self
            | self
        return marks & Self.repeating(0x80)
    }

    /// The value of the eight characters as hexadecimal digits of any case, the first the highest;
    /// `nil` if one is no digit.
    @inline(__always)
    var hexDigitsValue: Self? {
        let letters = self >> 6 & Self.repeating(1)
        let values = self & Self.repeating(0x0F) &+ letters &* 9
        // Writes the values as lower-case digits again, which gives other text if one was no digit.
        let aboveNine = (values &+ Self.repeating(0x76)) >> 7 & Self.repeating(1)
        let digits = values &+ Self.repeating(UInt8(ascii: "0")) &+ aboveNine &* 0x27
        guard self & Self.repeating(0x80) | values & Self.repeating(0xF0) == 0,
            digits == self | letters << 5
        else { return nil }
        var packed = values.byteSwapped
        packed = (packed | packed >> 4) & 0x00FF_00FF_00FF_00FF
        packed = (packed | packed >> 8) & 0x0000_FFFF_0000_FFFF
        return (packed | packed >> 16) & 0xFFFF_FFFF
    }
}

extension UInt8 {
    /// Whether the byte is a quote, a backslash, a control character or not ASCII.
    @inline(__always)
    var isSpecialCharacter: Bool {
        self < 0x20 || self >= 0x80 || self == UInt8(ascii: "\"") || self == UInt8(ascii: "\\")
    }

    /// The value of this ASCII byte as a hexadecimal digit of any case; `nil` if it is none.
    var hexDigitValue: UInt8? {
        switch self {
        case 0x30...0x39: self - 0x30
        case 0x61...0x66: self - 0x57
        case 0x41...0x46: self - 0x37
        default: nil
        }
    }
}
