import NIOHTTP1
import Testing

@testable import ProgressTool

@Suite("Reading from a gateway")
struct GatewayReaderTests {
    @Test(
        "Each status has its exit status",
        arguments: [
            (400, .failure), (401, .notAuthorised), (403, .notAuthorised),
            (429, .unavailable), (500, .failure), (502, .unavailable), (503, .unavailable),
            (504, .unavailable),
        ] as [(UInt, CommandStatus)]
    )
    func statuses(status: UInt, exit: CommandStatus) {
        let body = Array(#"{"error_code":"SOME_CODE","error_message":"some message"}"#.utf8)
        let error = GatewayReader.error(status: status, body: body)
        #expect(error.status == exit)
        #expect(error.message.contains("some message"))
        #expect(GatewayReader.error(status: status, body: Array("<html>".utf8)).status == exit)
    }

    @Test(
        "A 404 is of what was asked for only if it says so",
        arguments: [
            ("JOB_NOT_FOUND", .notFound), ("EVENT_NOT_FOUND", .notFound),
            ("DATASET_NOT_FOUND", .notFound), ("NOT_FOUND", .failure), ("", .failure),
        ] as [(String, CommandStatus)]
    )
    func notFound(code: String, exit: CommandStatus) {
        let body = #"{"error_code":"\#(code)","error_message":"some message"}"#
        let error = GatewayReader.error(status: 404, body: Array(body.utf8))
        #expect(error.status == exit)
        #expect(error.remedy?.contains("--admin-url") ?? false == (exit == .failure))
        #expect(GatewayReader.error(status: 404, body: Array("<html>".utf8)) == .nothingThere)
    }

    @Test("The request carries path and token, and --json prints the answer byte for byte")
    func exactBytes() async throws {
        let body = #"{"job_id":7,"job_status":"RUNNING","tables":{}, "later":[1.50]}"#
        try await withStubGateway { request in
            #expect(request.uri == "/base/jobs/7/progress")
            #expect(request.headers["authorization"] == ["Bearer secret"])
            return (.ok, body)
        } _: { url in
            let result = try await runCommand(
                "job",
                "progress",
                "7",
                "--json",
                "--admin-url",
                "\(url)/base/",
                "--auth-token",
                "secret"
            )
            #expect(result.status == .success)
            #expect(result.output == body + "\n")
            #expect(!result.notes.contains("secret"))
        }
    }

    @Test("An answer that is not a progress ends with status 1, a refusal with its own")
    func badAnswers() async throws {
        try await withStubGateway { request in
            switch request.uri {
            case "/jobs/1/progress": (.ok, "[]")
            case "/jobs/2/progress": (.ok, #"{"job_id":2,"job_status":"X"}"#)
            default:
                (.notFound, #"{"error_code":"JOB_NOT_FOUND","error_message":"job '3' not found"}"#)
            }
        } _: { url in
            for id in ["1", "2"] {
                let result = try await runCommand("job", "progress", id, "--admin-url", url)
                #expect(result.status == .failure)
            }
            let result = try await runCommand("job", "progress", "3", "--admin-url", url)
            #expect(result.status == .notFound)
            #expect(result.notes == "progressctl: job '3' not found\n")
        }
    }

    @Test("Nobody at the port ends with status 5, and not only when the time is over")
    func refused() async throws {
        let url = try await withStubGateway { _ in
            (.ok, "")
        } _: {
            $0
        }
        let result = try await runCommand(
            "job",
            "progress",
            "1",
            "--admin-url",
            url,
            "--timeout",
            "1h"
        )
        #expect(result.status == .unavailable)
        #expect(result.notes.hasPrefix("progressctl: cannot reach the gateway at \(url)\n"))
        #expect(result.notes.split(separator: "\n").count == 2)
    }

    @Test("A redirection is not followed, so the token stays here")
    func redirection() async throws {
        try await withStubGateway { _ in
            (.temporaryRedirect, "")
        } _: { url in
            let result = try await runCommand("job", "progress", "1", "--admin-url", url)
            #expect(result.status == .failure)
        }
    }
}
