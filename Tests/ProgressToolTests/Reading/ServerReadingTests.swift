import ProgressRPC
import Testing

@testable import ProgressTool

@Suite("Reading from a server")
struct ServerReadingTests {
    @Test("--json by socket prints the bytes that the gateway would send")
    func exactBytes() async throws {
        try await withStubServer {
            .success(someProgress($0))
        } _: { socket in
            let result = try await runCommand(
                "job",
                "progress",
                "42",
                "--json",
                "--socket",
                socket
            )
            #expect(result.status == .success)
            #expect(
                result.output == #"{"job_id":42,"job_status":"RUNNING","tables":{"#
                    + #""a\"b\n":{"current_block":null,"start_block":null,"files_count":0,"#
                    + #""total_size_bytes":0},"blocks":{"current_block":99,"start_block":0,"#
                    + #""files_count":2,"total_size_bytes":2048}}}"# + "\n"
            )
        }
    }

    @Test("For people the same, made printable")
    func text() async throws {
        try await withStubServer {
            .success(someProgress($0))
        } _: { socket in
            let result = try await runCommand("job", "progress", "42", "--socket", socket)
            #expect(result.output.contains("  a\"b\\u{a}:\n    Block range: (no data)\n"))
            #expect(result.output.contains("    Size: 2.0 KB\n"))
        }
    }

    @Test(
        "Each code has its exit status",
        arguments: [
            (.notFound, .notFound), (.permissionDenied, .notAuthorised),
            (.unauthenticated, .notAuthorised), (.unavailable, .unavailable),
            (.deadlineExceeded, .unavailable), (.resourceExhausted, .unavailable),
            (.internalError, .failure), (.failedPrecondition, .failure),
        ] as [(RPCError.Code, CommandStatus)]
    )
    func codes(code: RPCError.Code, status: CommandStatus) async throws {
        try await withStubServer { _ in
            .failure(RPCError(code, "why", reason: "R"))
        } _: { socket in
            let result = try await runCommand("job", "progress", "1", "--socket", socket)
            #expect(result.status == status)
            #expect(result.notes.contains("why"))
        }
    }

    @Test("A call prints the answer as JSON")
    func call() async throws {
        try await withStubServer {
            .success(someProgress($0))
        } _: { socket in
            let health = try await runCommand("call", "health", "--socket", socket)
            #expect(health.output == #"{"status":"SERVING"}"# + "\n")
            let echo = try await runCommand("call", "Echo", "hello", "--socket", socket)
            #expect(echo.output == "hello\n")
        }
    }

    @Test("A socket that is not there ends with status 5")
    func missing() async throws {
        let result = try await runCommand(
            "job",
            "progress",
            "1",
            "--socket",
            "/nonexistent/rpc.sock",
            "--timeout",
            "1s"
        )
        #expect(result.status == .unavailable)
    }
}
