import ArgumentParser
import FoundationEssentials
import ProgressTokens

/// `token verify`.
struct TokenVerifyCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "verify",
        abstract: "Says, without asking the gateway, whether a token is valid and what it allows.",
        discussion: "Exit status 4 if the token is refused."
    )

    @OptionGroup var tokens: TokenFileOption

    @Argument(help: "The token, or '-' to read it from standard input, out of sight of 'ps'.")
    var token: String

    func run() throws {
        let text: String
        if self.token == "-" {
            guard let line = readLine(strippingNewline: true) else {
                throw ToolError(.usage, "standard input holds no token")
            }
            text = line
        } else {
            text = self.token
        }
        let verdict = try onTokenFile { () throws(TokenFileError) in
            try self.tokens.store.verify(text)
        }
        for step in TokenVerification.steps(of: verdict) {
            Console.current.write(step)
        }
        if verdict.refusal != nil { throw CommandStatus.notAuthorised }
    }
}

/// What a verification found, step by step.
enum TokenVerification {
    static func steps(of verdict: TokenVerdict) -> [String] {
        let form = "form and checksum: ok"
        let conclusion = verdict.refusal.map { "refused: \($0)" }
        switch verdict {
        case .notAToken:
            return ["form and checksum: failed", conclusion].compactMap(\.self)
        case .unknown(let id):
            return [form, "id \(id): not in the file", conclusion].compactMap(\.self)
        case .wrongSecret(let id):
            return [form, "id \(id): known", "secret: another one", conclusion].compactMap(\.self)
        case .disabled(let record):
            return self.known(record, state: "revoked") + [conclusion].compactMap(\.self)
        case .expired(let record):
            let end = record.notAfter?.formatted(.iso8601) ?? "-"
            return self.known(record, state: "expired at \(end)") + [conclusion].compactMap(\.self)
        case .accepted(let record):
            let end = record.notAfter.map { "valid until \($0.formatted(.iso8601))" }
            return self.known(record, state: end ?? "valid without end")
                + ["accepted: \(record.scopes.map(\.description).joined(separator: " "))"]
        }
    }

    private static func known(_ record: TokenRecord, state: String) -> [String] {
        [
            "form and checksum: ok", "id \(record.id): known, '\(record.name)'", "secret: ok",
            "state: \(state)",
        ]
    }
}
