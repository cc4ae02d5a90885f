import NIOHTTP1
import ProgressRPC
import Testing

@testable import ProgressTool

@Suite("progressctl job list")
struct JobListCommandTests {
    private static let firstPage: PBListJobsResponse = {
        var page = PBListJobsResponse()
        page.jobs = [SampleJobs.running, SampleJobs.hidden]
        page.nextCursor = 41
        return page
    }()
    private static let firstBody =
        #"{"jobs":[\#(SampleJobs.runningBody),\#(SampleJobs.hiddenBody)],"next_cursor":41}"#
    private static let more = "there are more: add '--after 41' for the next page\n"

    private static let activeQuestion =
        #"ListJobs {"limit":50,"statuses":["SCHEDULED","RUNNING","STOP_REQUESTED","STOPPING"]}"#

    @Test("As JSON both ways print the bytes of the API", arguments: [["--json"], ["-o", "json"]])
    func json(form: [String]) async throws {
        let server = StubJobs(Self.firstPage)
        let results = try await runBothWays(
            ["job", "list"] + form,
            server: server,
            path: "/jobs?limit=50&status=active",
            body: Self.firstBody
        )
        for result in results {
            #expect(result.status == .success)
            #expect(result.output == Self.firstBody + "\n")
            #expect(result.notes.isEmpty)
        }
        #expect(server.questions == [Self.activeQuestion])
    }

    @Test("As lines of JSON each job is a line, and a note says how to read on")
    func lines() async throws {
        let results = try await runBothWays(
            ["jobs", "ls", "-o", "ndjson", "-l", "2", "-a", "43", "-s", "all"],
            server: StubJobs(Self.firstPage),
            path: "/jobs?limit=2&last_job_id=43&status=all",
            body: Self.firstBody
        )
        for result in results {
            #expect(
                result.output == SampleJobs.runningBody + "\n" + SampleJobs.hiddenBody + "\n"
            )
            #expect(result.notes == Self.more)
        }
    }

    @Test("A job with line breaks between its values stays one line")
    func brokenLines() async throws {
        let job = SampleJobs.hiddenBody.split(separator: ",").joined(separator: ",\r\n")
        try await withStubGateway { _ in
            (.ok, #"{ "jobs" : [ \#(job) ] }"#)
        } _: { url in
            let result = try await runCommand(["job", "list", "-o", "ndjson", "--admin-url", url])
            #expect(result.output.split(separator: "\n").count == 1)
            #expect(result.output.hasPrefix(#"{"id":41,"#))
        }
    }

    @Test("For people there is a table, the same both ways, and a note if there are more")
    func tables() async throws {
        let narrow = """
            ID  Status     Created              Dataset
            42  RUNNING    2026-01-02 03:04:05  amp/eth
            41  SCHEDULED  2024-01-15 10:30:00  -

            """
        let wide = """
            ID  Status     Created              Dataset  Updated              Node        Descriptor
            42  RUNNING    2026-01-02 03:04:05  amp/eth  2026-01-02 03:04:05  node\\u{a}1  materialize-raw
            41  SCHEDULED  2024-01-15 10:30:00  -        2024-01-15 10:30:00  b           -

            """
        for (form, text) in [("table", narrow), ("wide", wide)] {
            let server = StubJobs(Self.firstPage)
            let results = try await runBothWays(
                ["job", "list", "-o", form, "--status", "running, error"],
                server: server,
                path: "/jobs?limit=50&status=RUNNING,ERROR",
                body: Self.firstBody
            )
            for result in results {
                #expect(result.output == text)
                #expect(result.notes == Self.more)
                #expect(result.status == .success)
            }
            #expect(
                server.questions == [#"ListJobs {"limit":50,"statuses":["RUNNING","ERROR"]}"#]
            )
        }
    }

    @Test(
        "An empty list is JSON for programs and a note for people",
        arguments: [
            ("json", #"{"jobs":[]}"# + "\n", ""), ("ndjson", "", ""),
            ("table", "", "no jobs found\n"), ("wide", "", "no jobs found\n"),
        ]
    )
    func empty(form: String, output: String, notes: String) async throws {
        let results = try await runBothWays(
            ["job", "list", "--output", form, "-s", "all"],
            server: StubJobs(PBListJobsResponse()),
            path: "/jobs?limit=50&status=all",
            body: #"{"jobs":[]}"#
        )
        for result in results {
            #expect(result.output == output)
            #expect(result.notes == notes)
            #expect(result.status == .success)
        }
    }

    @Test("A refusal has its exit status by both ways")
    func failures() async throws {
        let server = StubJobs(
            failing: RPCError(.invalidArgument, "no", reason: "LIMIT_TOO_LARGE")
        )
        try await withStubServer(server) { socket in
            let result = try await runCommand("job", "list", "--socket", socket)
            #expect(result.status == .failure)
            #expect(result.notes == "progressctl: LIMIT_TOO_LARGE: no\n")
        }
        for (status, exit) in [(400, .failure), (401, .notAuthorised), (503, .unavailable)]
            as [(Int, CommandStatus)]
        {
            try await withStubGateway { _ in
                (
                    .init(statusCode: status),
                    #"{"error_code":"LIMIT_TOO_LARGE","error_message":"no"}"#
                )
            } _: { url in
                let result = try await runCommand("job", "list", "--admin-url", url)
                #expect(result.status == exit)
                #expect(result.output.isEmpty)
            }
        }
    }

    @Test(
        "An answer that is no list ends with status 1",
        arguments: ["[]", "{}", #"{"jobs":[{}]}"#, #"{"\u006aobs":[\#(SampleJobs.hiddenBody)]}"#]
    )
    func badAnswers(body: String) async throws {
        try await withStubGateway { _ in
            (.ok, body)
        } _: { url in
            let result = try await runCommand("job", "list", "--json", "--admin-url", url)
            #expect(result.status == .failure)
            #expect(result.output.isEmpty)
        }
    }
}
