package import FoundationEssentials

/// What a token file says of one token.
package struct TokenRecord: Equatable, Sendable {
    /// The token's public part, unique in its file.
    package let id: TokenID
    /// A digest of the whole token.
    package let digest: TokenDigest
    /// Whom or what the token is for, 1 to 64 printable ASCII characters.
    package let name: String
    /// What it allows; 1 to 256 scopes.
    package let scopes: [Scope]
    /// The last moment at which it is valid; `nil`: no end.
    package let notAfter: Date?
    /// When it was created, if the file says so.
    package let createdAt: Date?
    /// Whether it was revoked.
    package var isDisabled: Bool

    /// What its holder may see.
    package var grants: Grants { Grants(self.scopes) }

    /// - Throws: ``TokenFileError`` if the name or the number of scopes is out of bounds.
    init(
        id: TokenID,
        digest: TokenDigest,
        name: String,
        scopes: [Scope],
        notAfter: Date?,
        createdAt: Date?,
        isDisabled: Bool
    ) throws(TokenFileError) {
        guard 1...64 ~= name.utf8.count, name.utf8.allSatisfy({ 0x20...0x7E ~= $0 }) else {
            throw TokenFileError(
                "the name of token '\(id)' must be 1 to 64 printable ASCII characters"
            )
        }
        if let objection = Grants.objection(to: scopes) {
            throw TokenFileError("token '\(id)' \(objection)")
        }
        self.id = id
        self.digest = digest
        self.name = name
        self.scopes = scopes
        self.notAfter = notAfter
        self.createdAt = createdAt
        self.isDisabled = isDisabled
    }
}
