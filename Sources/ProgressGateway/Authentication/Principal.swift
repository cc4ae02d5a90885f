import FoundationEssentials
import ProgressTokens

/// A caller whose credential has been verified, and what it may see.
struct Principal: Equatable, Sendable {
    /// `tok:` and the id of a token, or `anon`; for logs on both sides.
    let label: String
    /// What it may do, as the operator wrote it.
    let scopes: [Scope]
    /// What these scopes open.
    let grants: Grants
    /// The last moment at which its credential is valid; `nil`: no end.
    let notAfter: Date?

    /// Who presented this token.
    init(_ record: TokenRecord) {
        self.label = "tok:\(record.id)"
        self.scopes = record.scopes
        self.grants = record.grants
        self.notAfter = record.notAfter
    }

    /// A caller without a credential, where the operator allows it.
    init(anonymous scopes: [Scope]) {
        self.label = "anon"
        self.scopes = scopes
        self.grants = Grants(scopes)
        self.notAfter = nil
    }
}
