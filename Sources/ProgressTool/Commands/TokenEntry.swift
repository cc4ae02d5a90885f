import FoundationEssentials
import ProgressTokens

/// One line of `token list`.
struct TokenEntry: Encodable, Equatable, Sendable {
    enum CodingKeys: String, CodingKey {
        case id
        case name
        case state
        case scopes
        case notAfter = "not_after"
        case createdAt = "created_at"
    }

    var id: String
    var name: String
    /// `valid`, `revoked` or `expired`.
    var state: String
    var scopes: [String]
    /// RFC 3339.
    var notAfter: String?
    /// RFC 3339.
    var createdAt: String?

    init(_ record: TokenRecord, now: Date) {
        self.id = record.id.rawValue
        self.name = record.name
        self.scopes = record.scopes.map(\.description)
        self.notAfter = record.notAfter?.formatted(.iso8601)
        self.createdAt = record.createdAt?.formatted(.iso8601)
        let isExpired = record.notAfter.map { now > $0 } ?? false
        self.state = record.isDisabled ? "revoked" : isExpired ? "expired" : "valid"
    }
}

/// The tokens as a table for a person.
func tokenTable(_ entries: [TokenEntry]) -> String {
    if entries.isEmpty { return "No tokens." }
    let rows = entries.map { entry in
        [
            entry.id, entry.state, entry.notAfter ?? "-", entry.name,
            entry.scopes.joined(separator: " "),
        ]
    }
    return table(header: ["ID", "State", "Not after", "Name", "Scopes"], rows: rows)
}
