import ArgumentParser
import FoundationEssentials
import ProgressTokens

/// `token …`.
struct TokenCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "token",
        abstract: "Keeps the API tokens of a gateway.",
        subcommands: [
            TokenCreateCommand.self, TokenListCommand.self, TokenRevokeCommand.self,
            TokenVerifyCommand.self,
        ]
    )
}

/// The option that all token commands share.
struct TokenFileOption: ParsableArguments {
    @Option(
        name: .long,
        help: "The token file that the gateway reads (its --tokens).",
        completion: .file()
    )
    var file: String

    var store: TokenFileStore { TokenFileStore(path: self.file) }
}

/// Runs `body` on a token file and says what is wrong in this program's way.
func onTokenFile<Value>(_ body: () throws(TokenFileError) -> Value) throws(ToolError) -> Value {
    do {
        return try body()
    } catch {
        throw ToolError(.failure, error.message)
    }
}

/// `token create`.
struct TokenCreateCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "create",
        abstract: "Creates a token and prints its secret, once, as the last word.",
        discussion: """
            Scopes: jobs:read, datasets:NAMESPACE/NAME:read (with '*' for a whole part), \
            details:read, metrics:read, admin:read.
            """
    )

    @OptionGroup var tokens: TokenFileOption

    @Option(help: "Whom or what the token is for; unique among the valid tokens.")
    var name: String

    @Option(
        name: .long,
        parsing: .upToNextOption,
        help: "What it allows; may be repeated.",
        completion: .list(["jobs:read", "details:read", "metrics:read", "admin:read"]),
        transform: { text in
            do {
                return try Scope(parsing: text)
            } catch {
                throw ArgumentProblem(description: "\(error)")
            }
        }
    )
    var scope: [Scope]

    @Option(
        help: "The last moment at which it is valid, such as 2027-01-01T00:00:00Z.",
        transform: { text in
            guard let date = try? Date(text, strategy: .iso8601) else {
                throw ArgumentProblem(
                    description: "it must be a time such as 2027-01-01T00:00:00Z (RFC 3339)"
                )
            }
            return date
        }
    )
    var notAfter: Date?

    func validate() throws {
        if self.scope.isEmpty {
            throw ValidationError("Missing expected argument '--scope <scope>'")
        }
    }

    func run() throws {
        if let notAfter = self.notAfter, notAfter <= .now {
            throw ToolError(.usage, "--not-after is \(notAfter.formatted(.iso8601)), which is past")
        }
        let created = try onTokenFile { () throws(TokenFileError) in
            try self.tokens.store.create(
                name: self.name,
                scopes: self.scope,
                notAfter: self.notAfter
            )
        }
        Console.current.write(
            """
            Token \(created.record.id) ('\(created.record.name)') allows \
            \(created.record.scopes.map(\.description).joined(separator: ", "))\
            \(created.record.notAfter.map { " until " + $0.formatted(.iso8601) } ?? "").
            This is shown only once: \(created.secret)
            """
        )
    }
}

/// `token list`.
struct TokenListCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "Lists the tokens of a file, without their secrets."
    )

    @OptionGroup var tokens: TokenFileOption

    @Flag(help: "Print JSON.")
    var json = false

    func run() throws {
        let file = try onTokenFile { () throws(TokenFileError) in try self.tokens.store.read() }
        let entries = file.records.map { TokenEntry($0, now: .now) }
        if self.json {
            Console.current.write(try jsonText(entries))
        } else {
            Console.current.write(tokenTable(entries))
        }
    }
}

/// `token revoke`.
struct TokenRevokeCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "revoke",
        abstract: "Disables a token for good.",
        discussion: "A running gateway obeys within 15 seconds, or at once when it gets SIGHUP."
    )

    @OptionGroup var tokens: TokenFileOption

    @Argument(help: "The id or the name of the token.")
    var token: String

    func run() throws {
        let file = try onTokenFile { () throws(TokenFileError) in try self.tokens.store.read() }
        guard
            file.records.contains(where: { $0.id.rawValue == self.token || $0.name == self.token })
        else {
            throw ToolError(
                .notFound,
                "no token has the id or name '\(self.token)'",
                remedy: "'progressctl token list --file \(self.tokens.file)' shows those there are"
            )
        }
        let record = try onTokenFile { () throws(TokenFileError) in
            try self.tokens.store.revoke(self.token)
        }
        Console.current.write("Token \(record.id) ('\(record.name)') is revoked.")
    }
}
