import ProgressTokens
import TestSupport
import Testing

@testable import ProgressTool

@Suite("progressctl token")
struct TokenCommandTests {
    private func withTokenFile(_ body: (String) async throws -> Void) async throws {
        let directory = try TemporaryDirectory()
        defer { directory.remove() }
        try await body("\(directory.path)/tokens.json")
    }

    private func create(_ file: String, name: String, _ more: [String] = []) async throws -> String
    {
        let result = try await runCommand(
            ["token", "create", "--file", file, "--name", name, "--scope", "jobs:read"] + more
        )
        #expect(result.status == .success)
        return String(result.output.split { $0.isWhitespace }.last ?? "")
    }

    @Test("Creation prints the secret as its last word, and it verifies")
    func createAndVerify() async throws {
        try await self.withTokenFile { file in
            let secret = try await self.create(file, name: "grafana")
            #expect(try APIToken(parsing: secret).text == secret)
            let result = try await runCommand("token", "verify", "--file", file, secret)
            #expect(result.status == .success)
            #expect(result.output.contains("accepted: jobs:read"))
        }
    }

    @Test("Several scopes may follow one another or be repeated")
    func scopes() async throws {
        try await self.withTokenFile { file in
            let result = try await runCommand(
                "token",
                "create",
                "--file",
                file,
                "--name",
                "a",
                "--scope",
                "details:read",
                "datasets:eth/*:read",
                "--scope",
                "metrics:read"
            )
            #expect(result.status == .success)
            let list = try await runCommand("token", "list", "--file", file)
            #expect(list.output.contains("details:read datasets:eth/*:read metrics:read"))
        }
    }

    @Test("A list shows neither secrets nor digests, and is [] or words when empty")
    func list() async throws {
        try await self.withTokenFile { file in
            let secret = try await self.create(file, name: "one")
            let table = try await runCommand("token", "list", "--file", file)
            #expect(table.output.contains("valid"))
            #expect(!table.output.contains(secret.suffix(20)))
            let json = try await runCommand("token", "list", "--file", file, "--json")
            #expect(json.output.hasPrefix(#"[{"created_at":""#))
            #expect(!json.output.contains("sha256"))
        }
        #expect(tokenTable([]) == "No tokens.")
        #expect(try jsonText([TokenEntry]()) == "[]")
    }

    @Test("A revoked token is refused with status 4, and revoking it twice is no error")
    func revoke() async throws {
        try await self.withTokenFile { file in
            let secret = try await self.create(file, name: "one")
            #expect(
                try await runCommand("token", "revoke", "--file", file, "one").status == .success
            )
            #expect(
                try await runCommand("token", "revoke", "--file", file, "one").status == .success
            )
            let result = try await runCommand("token", "verify", "--file", file, secret)
            #expect(result.status == .notAuthorised)
            #expect(result.output.contains("state: revoked"))
            #expect(!result.output.contains(secret))
        }
    }

    @Test("A mistyped token is told from an unknown one and from a wrong secret")
    func verifyTellsWhy() async throws {
        try await self.withTokenFile { file in
            let secret = try await self.create(file, name: "one")
            let cut = try await runCommand(
                "token",
                "verify",
                "--file",
                file,
                String(secret.dropLast())
            )
            #expect(cut.status == .notAuthorised)
            #expect(cut.output.contains("form and checksum: failed"))
            let other = try await runCommand(
                "token",
                "verify",
                "--file",
                file,
                APIToken.random().text
            )
            #expect(other.status == .notAuthorised)
            #expect(other.output.contains("not in the file"))
        }
    }

    @Test("A name that is taken, a past end, a bad time and a bad scope are refused")
    func badCreations() async throws {
        try await self.withTokenFile { file in
            _ = try await self.create(file, name: "one", ["--not-after", "2999-01-01T00:00:00Z"])
            let common = ["token", "create", "--file", file, "--name"]
            #expect(
                try await runCommand(common + ["one", "--scope", "jobs:read"]).status == .failure
            )
            let past = common + ["b", "--scope", "jobs:read", "--not-after"]
            #expect(try await runCommand(past + ["2001-01-01T00:00:00Z"]).status == .usage)
            #expect(try await runCommand(past + ["tomorrow"]).status == .usage)
            let scope = try await runCommand(common + ["b", "--scope", "jobs:write"])
            #expect(scope.status == .usage)
            #expect(scope.notes.contains("jobs:write"))
            #expect(try await runCommand(common + ["b"]).status == .usage)
        }
    }

    @Test("An id or name that is not in the file ends with status 3, a missing file with 1")
    func missing() async throws {
        try await self.withTokenFile { file in
            #expect(try await runCommand("token", "list", "--file", file).status == .failure)
            _ = try await self.create(file, name: "one")
            let result = try await runCommand("token", "revoke", "--file", file, "two")
            #expect(result.status == .notFound)
        }
    }
}
