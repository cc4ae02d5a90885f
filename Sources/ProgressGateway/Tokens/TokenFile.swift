/// The content of a token file: some records with unique ids.
///
///     {"tokens": [{"id": "…", "sha256": "…", "name": "grafana", "scopes": ["datasets:*/*:read"],
///                  "not_after": "2027-01-01T00:00:00Z", "created_at": "…", "disabled": false}]}
///
/// `not_after`, `created_at` and `disabled` may be left out.
package struct TokenFile: Sendable {
    /// Most records of a file.
    package static let recordLimit = 10_000

    /// In the order of the file.
    package private(set) var records: [TokenRecord] = []
    private var ids: Set<TokenID> = []

    /// A file without tokens.
    package init() {}

    /// Adds a record at the end.
    mutating func append(_ record: TokenRecord) throws(TokenFileError) {
        guard self.records.count < Self.recordLimit else {
            throw TokenFileError("more than \(Self.recordLimit) tokens; remove some")
        }
        guard self.ids.insert(record.id).inserted else {
            throw TokenFileError("two tokens have the id '\(record.id)'; ids must be unique")
        }
        self.records.append(record)
    }

    /// Disables the token whose id or name is `idOrName`; an id comes first.
    mutating func revoke(_ idOrName: String) throws(TokenFileError) -> TokenRecord {
        let byID = self.records.indices.filter { self.records[$0].id.rawValue == idOrName }
        let byName = self.records.indices.filter { self.records[$0].name == idOrName }
        let matches = byID.isEmpty ? byName : byID
        guard let index = matches.first else {
            throw TokenFileError("no token has the id or name '\(idOrName)'")
        }
        guard matches.count == 1 else {
            let ids = matches.map { self.records[$0].id.rawValue }.joined(separator: ", ")
            throw TokenFileError(
                "\(matches.count) tokens are named '\(idOrName)': \(ids); give an id"
            )
        }
        self.records[index].isDisabled = true
        return self.records[index]
    }
}
