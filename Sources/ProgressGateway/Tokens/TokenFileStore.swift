package import FoundationEssentials

/// A token file on disk, read and changed as a whole.
///
/// Changes are made under an exclusive lock and replace the file in one step, so a reader sees the
/// old content or the new, and two writers do not lose each other's change.
package struct TokenFileStore: Sendable {
    /// Where the file is, or will be when the first token is created.
    package let path: String

    package init(path: String) {
        self.path = path
    }

    /// A token just created.
    package struct Created: Sendable {
        package let record: TokenRecord
        /// The whole token; it is kept nowhere else.
        package let secret: String
    }

    /// Reads the file.
    ///
    /// - Throws: ``TokenFileError`` if it is missing, writable by everyone, or not a token file.
    package func read() throws(TokenFileError) -> TokenFile {
        try TokenFile(decoding: try GuardedFile(path: self.path).read())
    }

    /// Adds a token, and creates the file (mode 0640) if there is none.
    ///
    /// - Throws: ``TokenFileError`` also if a token that is not disabled has this name.
    package func create(name: String, scopes: [Scope], notAfter: Date?, now: Date = .now)
        throws(TokenFileError) -> Created
    {
        let token = APIToken.random()
        // The file holds whole seconds.
        let second = Date(timeIntervalSince1970: now.timeIntervalSince1970.rounded(.down))
        let record = try TokenRecord(
            id: token.id,
            digest: TokenDigest(of: token),
            name: name,
            scopes: scopes,
            notAfter: notAfter,
            createdAt: second,
            isDisabled: false
        )
        try self.change(createsFile: true) { file throws(TokenFileError) in
            guard !file.records.contains(where: { $0.name == name && !$0.isDisabled }) else {
                throw TokenFileError(
                    "a token is named '\(name)' already; revoke it or take another"
                )
            }
            try file.append(record)
        }
        return Created(record: record, secret: token.text)
    }

    /// Disables the token whose id or name is `idOrName`; to do so twice is no error.
    package func revoke(_ idOrName: String) throws(TokenFileError) -> TokenRecord {
        var revoked: TokenRecord?
        try self.change(createsFile: false) { file throws(TokenFileError) in
            revoked = try file.revoke(idOrName)
        }
        guard let revoked else { throw TokenFileError("no token has the id or name '\(idOrName)'") }
        return revoked
    }

    /// Finds what `text` stands for at `now` according to the file.
    package func verify(_ text: String, at now: Date = .now) throws(TokenFileError) -> TokenVerdict
    {
        TokenRing(try self.read()).verify(text, at: now)
    }

    private func change(
        createsFile: Bool,
        _ body: (inout TokenFile) throws(TokenFileError) -> Void
    ) throws(TokenFileError) {
        let target = GuardedFile(path: self.path)
        let lock = try DirectoryLock(containing: target.path)
        var file = TokenFile()
        if !createsFile || target.exists {
            file = try TokenFile(decoding: try target.read())
        }
        try body(&file)
        try target.replace(with: try file.encoded(), under: lock)
    }
}
