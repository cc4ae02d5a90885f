import Foundation
import TestSupport
import Testing

@Suite("progressctl and the daemons' command lines", .requiresPostgres, .timeLimit(.minutes(3)))
struct CommandLineTests {
    @Test("The answer by socket and by gateway is the API's, byte for byte")
    func progressJSON() async throws {
        try await Stack.with { stack in
            _ = try await MainJobTests.fill(stack.database)
            for arguments in [
                ["job", "progress", "1", "--json"],
                ["job", "progress", "1", "--json", "--socket", stack.socket],
            ] {
                let result = try await Program.run(
                    "progressctl",
                    arguments,
                    environment: ["AMP_ADMIN_URL": stack.url, "AMP_AUTH_TOKEN": stack.token]
                )
                #expect(result.status == 0, "\(result.errors)")
                #expect(result.output == MainJobTests.answer + "\n")
            }
            let human = try await stack.tool("jobs", "progress", "1")
            #expect(human.status == 0)
            #expect(human.output.contains("Block range: 0 - 99"))
            #expect(human.output.contains("Block range: (no data)"))
            #expect(human.output.contains("Size: 1000 B"))
        }
    }

    @Test("Exit codes tell not found, not authorised, unavailable and usage apart")
    func exitCodes() async throws {
        try await Stack.with { stack in
            let absent = try await stack.tool("job", "progress", "77")
            #expect(absent.status == 3)
            #expect(absent.output.isEmpty)
            let unauthorised = try await stack.tool(
                "job",
                "progress",
                "77",
                token: "amppt_nonsense"
            )
            #expect(unauthorised.status == 4)
            let bySocket = try await stack.tool(
                "job",
                "progress",
                "77",
                "--socket",
                stack.socket
            )
            #expect(bySocket.status == 3)
            let unavailable = try await stack.tool(
                "job",
                "progress",
                "77",
                "--socket",
                stack.socket + ".absent"
            )
            #expect(unavailable.status == 5)
            for bad in ["0", "-1", "abc", "9223372036854775808", ""] {
                let usage = try await stack.tool("job", "progress", "--", bad)
                #expect(usage.status == 2, "\(bad): \(usage.errors)")
            }
        }
    }

    @Test("A token works until it is revoked")
    func tokens() async throws {
        try await Stack.with { stack in
            _ = try await MainJobTests.fill(stack.database)
            let verified = try await Program.run(
                "progressctl",
                ["token", "verify", "--file", stack.tokens, stack.token]
            )
            #expect(verified.status == 0, "\(verified.errors)")
            let works = try await stack.get("/jobs/1/progress")
            #expect(works.status == 200)
            let revoked = try await Program.run(
                "progressctl",
                ["token", "revoke", "--file", stack.tokens, "all"]
            )
            #expect(revoked.status == 0, "\(revoked.errors)")
            kill(stack.gateway.processID, SIGHUP)
            _ = try await stack.gateway.line(containing: "read the tokens again")
            let refused = try await stack.get("/jobs/1/progress")
            #expect(refused.status == 401)
            #expect(refused.headers["www-authenticate"]?.contains("invalid_token") == true)
            #expect(!refused.body.contains(stack.token))
        }
    }

    @Test(
        "Every program answers --help and --version, and refuses what it does not know",
        arguments: ["progress-server", "progress-gateway", "progressctl"]
    )
    func usage(program: String) async throws {
        let help = try await Program.run(program, ["--help"])
        #expect(help.status == 0)
        #expect(help.output.contains("USAGE"))
        let version = try await Program.run(program, ["--version"])
        #expect(version.status == 0)
        #expect(version.output.contains("0.1.0"))
        let unknown = try await Program.run(program, ["--no-such-option"])
        #expect(unknown.status == 2)
        #expect(unknown.errors.contains("no-such-option"))
    }

    @Test("A daemon that cannot start says why in a line that names the option")
    func badValues() async throws {
        let cases: [(String, [String], Int32, String)] = [
            ("progress-server", ["--socket", "/tmp/x.sock"], 2, "database"),
            (
                "progress-server",
                [
                    "--database", "dbname=x", "--socket",
                    "/tmp/" + String(repeating: "x", count: 103),
                ],
                2, "107"
            ),
            ("progress-gateway", ["--socket", "/tmp/x.sock"], 2, "tokens"),
            (
                "progress-gateway",
                [
                    "--socket", "/tmp/x.sock", "--anonymous-scope", "jobs:read", "--listen",
                    "0.0.0.0:0",
                ],
                2, "127.0.0.0/8"
            ),
            ("progress-gateway", ["--listen", "nonsense"], 2, "listen"),
        ]
        for (program, arguments, status, text) in cases {
            let result = try await Program.run(program, arguments)
            #expect(result.status == status, "\(program) \(arguments): \(result.errors)")
            #expect(result.errors.contains(text), "\(program) \(arguments): \(result.errors)")
            #expect(!result.errors.contains("Fatal"))
        }
    }

    @Test("The Python client, written from the specification, agrees with the server")
    func pythonClient() async throws {
        try await Stack.with { stack in
            let (job, _) = try await MainJobTests.fill(stack.database)
            let folder = URL(filePath: #filePath).deletingLastPathComponent()
                .appending(path: "../../protocol/python").standardized.path
            let tests = try await Program.run(
                "/usr/bin/python3",
                [
                    "-m", "unittest", "discover", "--start-directory", folder,
                    "--top-level-directory", folder,
                ],
                environment: ["PROGRESS_SOCKET": stack.socket, "PROGRESS_JOB": "\(job)"]
            )
            #expect(tests.status == 0, "\(tests.errors)")
            #expect(tests.errors.contains("OK"))
            #expect(!tests.errors.contains("skipped"), "\(tests.errors)")
        }
    }
}
