/// Percent-decoding of one segment of a path (RFC 3986, 2.1).
enum PercentDecoding {
    /// Replaces each `%` and two hexadecimal digits by the byte that they stand for, once.
    ///
    /// A `%` without two digits stays as it is, so that whoever reads the result refuses it.
    static func decode(_ segment: some Collection<UInt8>) -> [UInt8] {
        var decoded: [UInt8] = []
        decoded.reserveCapacity(segment.count)
        var rest = segment[...]
        while let byte = rest.popFirst() {
            let digits = rest.prefix(2).compactMap(Self.value(of:))
            if byte == UInt8(ascii: "%"), digits.count == 2 {
                decoded.append(digits[0] << 4 | digits[1])
                rest = rest.dropFirst(2)
            } else {
                decoded.append(byte)
            }
        }
        return decoded
    }

    private static func value(of digit: UInt8) -> UInt8? {
        switch digit {
        case 0x30...0x39: digit - 0x30
        case 0x41...0x46: digit - 0x41 + 10
        case 0x61...0x66: digit - 0x61 + 10
        default: nil
        }
    }
}
