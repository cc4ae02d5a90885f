/// Percent-encoding of a value in a query (RFC 3986, 2.1).
enum PercentEncoding {
    /// Writes each byte as `%` and two hexadecimal digits, but for those that stand for themselves:
    /// letters, digits, `-`, `.`, `_`, `~` and `,`.
    static func encode(_ value: some Collection<UInt8>) -> String {
        let digits = Array("0123456789ABCDEF".utf8)
        var encoded: [UInt8] = []
        encoded.reserveCapacity(value.count)
        for byte in value {
            switch byte {
            case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x2D, 0x2E, 0x5F, 0x7E, 0x2C:
                encoded.append(byte)
            default:
                encoded += [UInt8(ascii: "%"), digits[Int(byte >> 4)], digits[Int(byte & 15)]]
            }
        }
        return String(decoding: encoded, as: UTF8.self)
    }
}
