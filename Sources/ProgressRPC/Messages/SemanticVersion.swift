/// The grammar of Semantic Versioning 2.0.0, which has no `v` before the version; as in Amp, major,
/// minor and patch are below 2^64.
enum SemanticVersion {
    /// Whether `text` is a version as a whole, such as `1.4.0-rc.1+20260313`.
    static func isOne(_ text: [UInt8]) -> Bool {
        // A hyphen may stand in the build, a plus nowhere else.
        let version = text.prefix { $0 != UInt8(ascii: "+") }
        let core = version.prefix { $0 != UInt8(ascii: "-") }
        let numbers = core.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        guard numbers.count == 3, numbers.allSatisfy(Self.isSmallNumber) else { return false }
        if core.count < version.count {
            let isPreRelease = Self.identifiers(version.dropFirst(core.count + 1)).allSatisfy {
                Self.isIdentifier($0) && (!$0.allSatisfy(Self.isDigit) || Self.isNumber($0))
            }
            guard isPreRelease else { return false }
        }
        guard version.count < text.count else { return true }
        return Self.identifiers(text.dropFirst(version.count + 1)).allSatisfy(Self.isIdentifier)
    }

    private static func identifiers(_ text: ArraySlice<UInt8>) -> [ArraySlice<UInt8>] {
        text.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
    }

    private static func isDigit(_ byte: UInt8) -> Bool { 0x30...0x39 ~= byte }

    /// Digits without a leading zero.
    private static func isNumber(_ text: ArraySlice<UInt8>) -> Bool {
        !text.isEmpty && text.allSatisfy(Self.isDigit)
            && (text.count == 1 || text.first != UInt8(ascii: "0"))
    }

    private static func isSmallNumber(_ text: ArraySlice<UInt8>) -> Bool {
        Self.isNumber(text) && UInt64(String(decoding: text, as: UTF8.self)) != nil
    }

    private static func isIdentifier(_ text: ArraySlice<UInt8>) -> Bool {
        !text.isEmpty
            && text.allSatisfy { byte in
                Self.isDigit(byte) || 0x41...0x5A ~= byte || 0x61...0x7A ~= byte
                    || byte == UInt8(ascii: "-")
            }
    }
}
