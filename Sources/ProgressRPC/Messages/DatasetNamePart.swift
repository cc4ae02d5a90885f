/// The two parts of a dataset's name; what each may be is Amp's rule.
public enum DatasetNamePart: Sendable {
    /// Of `a`–`z`, `0`–`9` and `_`.
    case namespace
    /// Of the same characters, and not beginning with a digit.
    case name

    /// Most bytes of each part; the fewest are 1.
    public static let byteLimit = 255

    /// Whether a dataset may have this part.
    public func allows(_ bytes: some Collection<UInt8>) -> Bool {
        guard let first = bytes.first, bytes.count <= Self.byteLimit else { return false }
        if self == .name, Self.isDigit(first) { return false }
        return bytes.allSatisfy { 0x61...0x7A ~= $0 || Self.isDigit($0) || $0 == 0x5F }
    }

    /// What is allowed, for an error: `1 to 255 of …`.
    public var allowed: String {
        let characters = "1 to \(Self.byteLimit) of a-z, 0-9 and _"
        return self == .name ? characters + ", and not begin with a digit" : characters
    }

    private static func isDigit(_ byte: UInt8) -> Bool { 0x30...0x39 ~= byte }
}
