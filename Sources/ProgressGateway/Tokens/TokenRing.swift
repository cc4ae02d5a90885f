package import FoundationEssentials

/// The tokens that are known at one moment; replaced as a whole when the file changes.
package struct TokenRing: Sendable {
    private let records: [TokenID: TokenRecord]

    package init(_ file: TokenFile) {
        self.records = Dictionary(file.records.map { ($0.id, $0) }) { first, _ in first }
    }

    /// How many tokens are known, disabled and expired ones included.
    package var count: Int { self.records.count }

    /// Finds what `text` stands for at `now`.
    ///
    /// A token that is unknown takes as long as one with a wrong secret. Whether a token is
    /// disabled or expired is found out only by who holds its secret.
    package func verify(_ text: String, at now: Date) -> TokenVerdict {
        let token: APIToken
        do {
            token = try APIToken(parsing: text)
        } catch {
            return .notAToken(error)
        }
        let record = self.records[token.id]
        guard (record?.digest ?? .none).matches(token), let record else {
            return record == nil ? .unknown(token.id) : .wrongSecret(token.id)
        }
        if record.isDisabled { return .disabled(record) }
        if let notAfter = record.notAfter, now > notAfter { return .expired(record) }
        return .accepted(record)
    }
}
