/// What `If-None-Match` asks for (RFC 9110, 13.1.2): an answer only if its tag is none of these.
enum EntityTagCondition: Equatable, Sendable {
    /// No condition, or one that cannot be read: the answer is wanted.
    case none
    /// `*`: no answer if there is any.
    case any
    /// Our tags in the list; those of others can match nothing and are left out.
    case tags([EntityTag])

    /// Most tags that are looked at.
    static let tagLimit = 64

    /// Reads the value of the field, several fields joined by commas.
    ///
    /// Weak and strong tags count alike, as the comparison for this field is the weak one.
    init(parsing value: String?) {
        guard let value else {
            self = .none
            return
        }
        if value.utf8.elementsEqual("*".utf8) {
            self = .any
            return
        }
        let tags = value.split(separator: ",").prefix(Self.tagLimit).compactMap { member in
            var tag = member.trimmingBlanks()
            if tag.hasPrefix("W/") { tag = tag.dropFirst(2) }
            guard tag.utf8.count >= 2, tag.hasPrefix("\""), tag.hasSuffix("\"") else {
                return EntityTag?.none
            }
            return EntityTag(opaque: tag.dropFirst().dropLast().utf8)
        }
        self = tags.isEmpty ? .none : .tags(tags)
    }

    /// The version that the server is asked to compare with; empty: none.
    ///
    /// With several tags it is the first, and ``isMet(by:)`` compares the answer with the rest.
    var knownVersion: [UInt8] {
        guard case .tags(let tags) = self, let first = tags.first else { return [] }
        return first.version
    }

    /// Whether an answer with this tag is not wanted.
    func isMet(by tag: EntityTag?) -> Bool {
        switch self {
        case .none: false
        case .any: true
        case .tags(let tags): tag.map(tags.contains) ?? false
        }
    }
}

extension Substring {
    /// Without the spaces and tabs at both ends.
    fileprivate func trimmingBlanks() -> Substring {
        let start = self.drop { $0 == " " || $0 == "\t" }
        guard let last = start.lastIndex(where: { $0 != " " && $0 != "\t" }) else { return "" }
        return start[...last]
    }
}
