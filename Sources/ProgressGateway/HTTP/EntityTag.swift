/// A version of an answer as HTTP names it: 32 hexadecimal digits in quotes.
struct EntityTag: Equatable, Sendable {
    /// The 16 bytes of the version.
    let version: [UInt8]

    /// - Returns: `nil` unless `version` has 16 bytes.
    init?(version: some Collection<UInt8>) {
        guard version.count == 16 else { return nil }
        self.version = Array(version)
    }

    /// The value of an `ETag` field.
    var headerValue: String {
        let digits = Array("0123456789abcdef".utf8)
        let hexadecimal = self.version.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }
        return "\"" + String(decoding: hexadecimal, as: UTF8.self) + "\""
    }

    /// Reads what stands between the quotes of one of our tags; `nil` for anyone else's.
    init?(opaque: Substring.UTF8View) {
        var version: [UInt8] = []
        var digits = opaque.makeIterator()
        while let first = digits.next() {
            guard let second = digits.next(), let high = Self.value(of: first),
                let low = Self.value(of: second)
            else { return nil }
            version.append(high << 4 | low)
        }
        self.init(version: version)
    }

    private static func value(of digit: UInt8) -> UInt8? {
        switch digit {
        case 0x30...0x39: digit - 0x30
        case 0x61...0x66: digit - 0x61 + 10
        default: nil
        }
    }
}
