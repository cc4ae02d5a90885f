package import FoundationEssentials

extension TokenFile {
    /// Reads the content of a token file.
    ///
    /// - Throws: ``TokenFileError`` naming the record and the key that is missing, unknown or
    ///   wrong.
    package init(decoding content: Data) throws(TokenFileError) {
        let entries: [Entry]
        do {
            entries = try JSONDecoder().decode(Root.self, from: content).tokens
        } catch let error as DecodingError {
            throw TokenFileError(Self.message(for: error))
        } catch let error as TokenFileError {
            throw error
        } catch {
            throw TokenFileError("the file is not JSON")
        }
        self.init()
        for entry in entries {
            try self.append(try entry.record())
        }
    }

    /// The content of a file that holds these records, with a line feed at its end.
    package func encoded() throws(TokenFileError) -> Data {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        do {
            return try encoder.encode(Root(tokens: self.records.map(Entry.init))) + [0x0A]
        } catch {
            throw TokenFileError("the tokens cannot be written as JSON: \(error)")
        }
    }

    private static func message(for error: DecodingError) -> String {
        switch error {
        case .keyNotFound(let key, let context):
            "\(Self.place(context.codingPath)) lacks the key '\(key.stringValue)'"
        case .typeMismatch(let type, let context), .valueNotFound(let type, let context):
            "\(Self.place(context.codingPath)) must be \(Self.noun(for: type))"
        case .dataCorrupted: "the file is not JSON"
        @unknown default: "the file is not a token file"
        }
    }

    private static func place(_ path: [any CodingKey]) -> String {
        let steps = path.map { key in key.intValue.map { "[\($0)]" } ?? ".\(key.stringValue)" }
        return steps.isEmpty ? "the file" : String(steps.joined().drop { $0 == "." })
    }

    private static func noun(for type: Any.Type) -> String {
        switch type {
        case is String.Type: "a string"
        case is Bool.Type: "true or false"
        case is [Entry].Type, is [String].Type, is [Any].Type: "a list"
        default: "an object"
        }
    }
}

extension TokenFile {
    private struct Root: Codable {
        var tokens: [Entry]

        enum CodingKeys: String, CodingKey, CaseIterable { case tokens }

        init(tokens: [Entry]) { self.tokens = tokens }

        init(from decoder: any Decoder) throws {
            try decoder.refuseKeys(otherThan: CodingKeys.self)
            let container = try decoder.container(keyedBy: CodingKeys.self)
            self.tokens = try container.decode([Entry].self, forKey: .tokens)
        }
    }

    private struct Entry: Codable {
        var id: String
        var sha256: String
        var name: String
        var scopes: [String]
        var notAfter: String?
        var createdAt: String?
        var disabled: Bool?

        enum CodingKeys: String, CodingKey, CaseIterable {
            case id, sha256, name, scopes, disabled
            case notAfter = "not_after"
            case createdAt = "created_at"
        }

        init(_ record: TokenRecord) {
            self.id = record.id.rawValue
            self.sha256 = record.digest.hexadecimal
            self.name = record.name
            self.scopes = record.scopes.map(\.description)
            self.notAfter = record.notAfter.map { $0.formatted(.iso8601) }
            self.createdAt = record.createdAt.map { $0.formatted(.iso8601) }
            self.disabled = record.isDisabled
        }

        init(from decoder: any Decoder) throws {
            try decoder.refuseKeys(otherThan: CodingKeys.self)
            let container = try decoder.container(keyedBy: CodingKeys.self)
            self.id = try container.decode(String.self, forKey: .id)
            self.sha256 = try container.decode(String.self, forKey: .sha256)
            self.name = try container.decode(String.self, forKey: .name)
            self.scopes = try container.decode([String].self, forKey: .scopes)
            self.notAfter = try container.decodeIfPresent(String.self, forKey: .notAfter)
            self.createdAt = try container.decodeIfPresent(String.self, forKey: .createdAt)
            self.disabled = try container.decodeIfPresent(Bool.self, forKey: .disabled)
        }

        func record() throws(TokenFileError) -> TokenRecord {
            guard let id = TokenID(rawValue: self.id) else {
                throw TokenFileError(
                    "'\(self.id)' is not a token id; one is 10 characters of a-z and 2-7"
                )
            }
            guard let digest = TokenDigest(hexadecimal: self.sha256) else {
                throw TokenFileError(
                    "sha256 of token '\(id)' must be 64 lower-case hexadecimal digits"
                )
            }
            var scopes: [Scope] = []
            for text in self.scopes {
                do {
                    scopes.append(try Scope(parsing: text))
                } catch {
                    throw TokenFileError("token '\(id)': \(error)")
                }
            }
            return try TokenRecord(
                id: id,
                digest: digest,
                name: self.name,
                scopes: scopes,
                notAfter: try Self.date(self.notAfter, key: "not_after", id: id),
                createdAt: try Self.date(self.createdAt, key: "created_at", id: id),
                isDisabled: self.disabled ?? false
            )
        }

        private static func date(_ text: String?, key: String, id: TokenID) throws(TokenFileError)
            -> Date?
        {
            guard let text else { return nil }
            guard let date = try? Date(text, strategy: .iso8601) else {
                throw TokenFileError(
                    "\(key) of token '\(id)' is '\(text)'; write it as 2027-01-01T00:00:00Z"
                )
            }
            return date
        }
    }
}

extension Decoder {
    /// Refuses an object with a key that no case of `Keys` names: a misspelt limit must not count
    /// as none.
    fileprivate func refuseKeys<Keys: CodingKey & CaseIterable>(otherThan: Keys.Type) throws {
        let known = Set(Keys.allCases.map(\.stringValue))
        let found = try self.container(keyedBy: AnyKey.self).allKeys.map(\.stringValue)
        guard let unknown = found.filter({ !known.contains($0) }).min() else { return }
        let allowed = known.sorted().joined(separator: ", ")
        throw TokenFileError("unknown key '\(unknown)'; allowed are \(allowed)")
    }
}

private struct AnyKey: CodingKey {
    let stringValue: String
    var intValue: Int? { nil }

    init(stringValue: String) { self.stringValue = stringValue }
    init?(intValue: Int) { nil }
}
