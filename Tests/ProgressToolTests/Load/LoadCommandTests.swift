import FoundationEssentials
import NIOHTTP1
import ProgressRPC
import Testing

@testable import ProgressTool

@Suite("progressctl load")
struct LoadCommandTests {
    private func report(_ result: CommandResult) throws -> LoadReport {
        try JSONDecoder().decode(LoadReport.self, from: Data(result.output.utf8))
    }

    @Test(
        "By socket it makes as many calls as asked, and all are answered",
        arguments: [
            ["--method", "echo", "--bytes", "1000"], ["--method", "health"], ["--job", "7", "8"],
        ]
    )
    func socket(method: [String]) async throws {
        try await withStubServer {
            .success(someProgress($0))
        } _: { socket in
            let result = try await runCommand(
                [
                    "load", "--socket", socket, "--connections", "2", "--in-flight", "8",
                    "--requests", "500", "--json",
                ] + method
            )
            #expect(result.status == .success)
            let report = try self.report(result)
            #expect(report.schema == "progressctl.load/1")
            #expect(report.answers == .init(right: 500, wrong: 0, errors: [:]))
            #expect(report.configuration.target == "socket")
            #expect(report.latencyMicroseconds != nil)
        }
    }

    @Test("By HTTP too, on a connection each")
    func http() async throws {
        try await withStubGateway { request in
            let job = request.uri.split(separator: "/")[1]
            return (.ok, #"{"job_id":\#(job),"job_status":"RUNNING","tables":{}}"#)
        } _: { url in
            let result = try await runCommand(
                "load",
                "--admin-url",
                url,
                "--job",
                "7",
                "8",
                "--connections",
                "4",
                "--requests",
                "400",
                "--json"
            )
            #expect(result.status == .success)
            let report = try self.report(result)
            #expect(report.answers == .init(right: 400, wrong: 0, errors: [:]))
            #expect(report.configuration.target == "http")
        }
    }

    @Test("How old an answer may be is asked for, and reported")
    func maxStaleness() async throws {
        let questions = StubQuestions()
        let options = ["--job", "7", "--requests", "3", "--json", "--max-staleness", "250ms"]
        try await withStubServer(questions: questions) {
            .success(someProgress($0))
        } _: { socket in
            let result = try await runCommand(["load", "--socket", socket] + options)
            #expect(try self.report(result).configuration.maxStalenessSeconds == 0.25)
        }
        // The first call connects and is not measured.
        #expect(questions.all.map(\.maxStalenessMs) == [0, 250, 250, 250])
        try await withStubGateway { request in
            let isRight = request.uri == "/jobs/7/progress?max_staleness=0.250"
            return (isRight ? .ok : .badRequest, #"{"job_id":7,"job_status":"X","tables":{}}"#)
        } _: { url in
            let result = try await runCommand(["load", "--admin-url", url] + options)
            #expect(try self.report(result).answers.right == 3)
        }
    }

    @Test("An answer about another job is wrong, and ends with status 1")
    func wrongAnswers() async throws {
        try await withStubServer {
            .success(someProgress($0 + 1))
        } _: { socket in
            let result = try await runCommand(
                "load",
                "--socket",
                socket,
                "--job",
                "7",
                "--requests",
                "10",
                "--json"
            )
            #expect(result.status == .failure)
            #expect(try self.report(result).answers.wrong == 10)
        }
        try await withStubGateway { _ in
            (.ok, #"{"job_id":1,"job_status":"RUNNING","tables":{}}"#)
        } _: { url in
            let result = try await runCommand(
                "load",
                "--admin-url",
                url,
                "--job",
                "7",
                "--requests",
                "10",
                "--json"
            )
            #expect(result.status == .failure)
            #expect(try self.report(result).answers.wrong == 10)
        }
    }

    @Test("A refused first call ends with the exit status of the refusal")
    func refused() async throws {
        try await withStubServer { _ in
            .failure(RPCError(.notFound, "no"))
        } _: { socket in
            let result = try await runCommand("load", "--socket", socket, "--job", "7")
            #expect(result.status == .notFound)
        }
        try await withStubGateway { _ in
            (.unauthorized, "{}")
        } _: { url in
            let result = try await runCommand("load", "--admin-url", url, "--job", "7")
            #expect(result.status == .notAuthorised)
        }
    }

    @Test("Other machines are loaded only when allowed, and HTTP has one call on a connection")
    func refusals() async throws {
        let remote = try await runCommand(
            "load",
            "--admin-url",
            "http://203.0.113.1:1610",
            "--job",
            "7"
        )
        #expect(remote.status == .usage)
        #expect(remote.notes.contains("--allow-remote"))
        let crowded = try await runCommand(
            "load",
            "--admin-url",
            "http://127.0.0.1:1",
            "--job",
            "7",
            "--in-flight",
            "2"
        )
        #expect(crowded.status == .usage)
        let echo = try await runCommand(
            "load",
            "--admin-url",
            "http://127.0.0.1:1",
            "--method",
            "echo"
        )
        #expect(echo.status == .usage)
    }

    @Test(
        "Loopback is what cannot leave this machine",
        arguments: [
            ("http://127.0.0.1:1", true), ("http://127.9.9.9", true), ("http://localhost", true),
            ("http://[::1]:2", true), ("http://127.0.0.1.example.com", false),
            ("http://example.com", false), ("http://10.0.0.1", false),
        ] as [(String, Bool)]
    )
    func loopback(url: String, isLoopback: Bool) throws {
        #expect(try HTTPOrigin(url).isLoopback == isLoopback)
    }
}
