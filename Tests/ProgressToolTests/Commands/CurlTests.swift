import ArgumentParser
import Testing

@testable import ProgressTool

@Suite("--curl")
struct CurlTests {
    private static let start =
        "curl --silent --show-error --fail-with-body --max-time 10.000 "
        + "--header 'Accept: application/json' "

    @Test(
        "Each command that reads prints how to ask the gateway, without its token",
        arguments: [
            (["job", "list", "-l", "2", "-a", "9"], "/jobs?limit=2&last_job_id=9&status=active"),
            (["job", "inspect", "7"], "/jobs/7"),
            (["job", "events", "7", "-l", "3"], "/jobs/7/events?limit=3"),
            (["job", "events", "7", "--event-id", "8"], "/jobs/7/events/8"),
            (["job", "progress", "7"], "/jobs/7/progress"),
            (
                ["job", "progress", "7", "8", "--max-staleness", "1s"],
                "/jobs/progress?ids=7,8&max_staleness=1.000"
            ),
            (["dataset", "jobs", "a/b@1.0.0+x"], "/datasets/a/b/versions/1.0.0%2Bx/jobs"),
        ]
    )
    func commands(arguments: [String], path: String) async throws {
        // Nobody is there: nothing is asked.
        let target = ["--curl", "--admin-url", "http://127.0.0.1:1/", "--auth-token", "sec"]
        let result = try await runCommand(arguments + target)
        #expect(result.status == .success)
        #expect(result.notes.isEmpty)
        #expect(
            result.output == Self.start
                + "--oauth2-bearer \"$AMP_AUTH_TOKEN\" 'http://127.0.0.1:1\(path)'\n"
        )
    }

    @Test("A server is not asked by curl: that is wrong usage")
    func sockets() async throws {
        let flag = try await runCommand("job", "inspect", "1", "--curl", "--socket", "/s")
        #expect(flag.status == .usage)
        let error = #expect(throws: ToolError.self) {
            try ReadingOptions.parse(["--curl"]).printsCurl("/") {
                $0 == "PROGRESS_SOCKET" ? "/s" : nil
            }
        }
        #expect(error?.status == .usage)
        let wait = try await runCommand("job", "progress", "1", "--curl", "--wait", "1s")
        #expect(wait.status == .usage)
    }

    @Test("A shell and curl take every URL as it is")
    func quoting() throws {
        #expect(shellQuoted("a'b $c") == #"'a'\''b $c'"#)
        let gateway = try GatewayReader(
            baseURL: "http://[::1]:1610",
            token: nil,
            timeout: .milliseconds(500)
        )
        #expect(curlText(gateway, path: "/x").hasSuffix("--globoff 'http://[::1]:1610/x'"))
        #expect(curlText(gateway, path: "/x").contains("--max-time 0.500 "))
    }
}
