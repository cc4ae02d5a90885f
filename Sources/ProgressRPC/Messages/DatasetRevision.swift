/// A version of a dataset, as callers name it; whether there is one shows later.
public enum DatasetRevision: Hashable, Sendable, CustomStringConvertible {
    /// Most bytes of a tag.
    public static let byteLimit = 255

    /// `latest`, `dev`, or a semantic version.
    case tag(String)
    /// 64 hexadecimal digits in lower case.
    case manifestHash(String)

    /// - Returns: `nil` if the text is neither.
    public init?(_ text: String) {
        let bytes = Array(text.utf8)
        if bytes.count == 64, bytes.allSatisfy(Self.isHexadecimal) {
            self = .manifestHash(text.lowercased())
        } else if text == "latest" || text == "dev"
            || bytes.count <= Self.byteLimit && SemanticVersion.isOne(bytes)
        {
            self = .tag(text)
        } else {
            return nil
        }
    }

    /// The tag, or the digits of the hash.
    public var description: String {
        switch self {
        case .tag(let text), .manifestHash(let text): text
        }
    }

    private static func isHexadecimal(_ byte: UInt8) -> Bool {
        0x30...0x39 ~= byte || 0x61...0x66 ~= byte | 0x20
    }
}
