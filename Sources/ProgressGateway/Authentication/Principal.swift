import ProgressTokens

/// A caller whose credential has been verified, and what it may see.
struct Principal: Equatable, Sendable {
    /// `tok:` and the id of a token, or `anon`; for logs on both sides.
    let label: String
    let grants: Grants

    /// Who presented this token.
    init(_ record: TokenRecord) {
        self.label = "tok:\(record.id)"
        self.grants = record.grants
    }

    /// A caller without a credential, where the operator allows it.
    init(anonymous grants: Grants) {
        self.label = "anon"
        self.grants = grants
    }
}
