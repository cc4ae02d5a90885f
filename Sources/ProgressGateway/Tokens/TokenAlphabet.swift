/// The digits that tokens are written in.
enum TokenAlphabet {
    /// RFC 4648 base32 in lower case.
    static let base32 = Array("abcdefghijklmnopqrstuvwxyz234567".utf8)
    /// Digits in order of value: `0`–`9`, `A`–`Z`, `a`–`z`.
    static let base62 = Array("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz".utf8)

    /// `value` in exactly `count` base62 digits, the most significant first.
    ///
    /// Six digits hold any 32-bit value, since 62^6 > 2^32.
    static func base62Digits(of value: UInt32, count: Int) -> [UInt8] {
        var digits: [UInt8] = []
        var rest = Int(value)
        for _ in 0..<count {
            digits.append(self.base62[rest % 62])
            rest /= 62
        }
        return digits.reversed()
    }
}
