/// Datasets that a scope opens: one, those of a namespace, those of a name, or all.
package struct DatasetPattern: Hashable, Sendable {
    /// The namespace, of `a`–`z`, `0`–`9` and `_`; `nil` matches every one.
    package let namespace: String?
    /// The name, of the same characters and not beginning with a digit; `nil` matches every one.
    package let name: String?

    /// Whether the dataset `namespace/name` matches, byte by byte.
    package func matches(namespace: String, name: String) -> Bool {
        Self.part(self.namespace, matches: namespace) && Self.part(self.name, matches: name)
    }

    // `==` of strings compares by canonical equivalence; names are bytes.
    private static func part(_ part: String?, matches value: String) -> Bool {
        part.map { $0.utf8.elementsEqual(value.utf8) } ?? true
    }
}

extension DatasetPattern: CustomStringConvertible {
    package var description: String { "\(self.namespace ?? "*")/\(self.name ?? "*")" }

    /// Parses `namespace/name`, where either part may be `*` as a whole.
    init?(parsing text: Substring) {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count == 2, let namespace = Self.part(parts[0]), let name = Self.part(parts[1])
        else { return nil }
        if case .exactly(let name) = name, let first = name.utf8.first, 0x30...0x39 ~= first {
            return nil
        }
        self.init(namespace: namespace.value, name: name.value)
    }

    private enum Part {
        case any
        case exactly(String)

        var value: String? {
            switch self {
            case .any: nil
            case .exactly(let value): value
            }
        }
    }

    private static func part(_ text: Substring) -> Part? {
        if text == "*" { return .any }
        let isWord = text.utf8.allSatisfy { byte in
            0x61...0x7A ~= byte || 0x30...0x39 ~= byte || byte == 0x5F
        }
        return isWord && !text.isEmpty ? .exactly(String(text)) : nil
    }
}
