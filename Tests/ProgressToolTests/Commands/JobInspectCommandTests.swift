import NIOHTTP1
import ProgressRPC
import Testing

@testable import ProgressTool

@Suite("progressctl job inspect and job events")
struct JobInspectCommandTests {
    private static func answer(_ job: PBJob) -> PBGetJobResponse {
        var answer = PBGetJobResponse()
        answer.job = job
        return answer
    }

    @Test("As JSON both ways print the bytes of the API")
    func json() async throws {
        for (job, body) in [
            (SampleJobs.running, SampleJobs.runningBody),
            (SampleJobs.hidden, SampleJobs.hiddenBody),
        ] {
            let server = StubJobs(Self.answer(job))
            let results = try await runBothWays(
                ["job", "get", "42", "--json"],
                server: server,
                path: "/jobs/42",
                body: body
            )
            for result in results {
                #expect(result.output == body + "\n")
                #expect(result.status == .success)
            }
            #expect(server.questions == [#"GetJob {"jobId":"42"}"#])
        }
    }

    @Test("For people the descriptor is spread over lines, and its numbers stay what they are")
    func text() async throws {
        let results = try await runBothWays(
            ["job", "inspect", "42"],
            server: StubJobs(Self.answer(SampleJobs.running)),
            path: "/jobs/42",
            body: SampleJobs.runningBody
        )
        let head = """
            Job ID: 42
            Status: RUNNING
            Worker: node\\u{a}1
            Created: 2026-01-02T03:04:05.678+00:00
            Updated: 2026-01-02T03:04:05.678900+00:00
            Dataset: amp/eth

            """
        let tail = """
            Descriptor:
              {
                "kind": "materialize-raw",
                "end_block": 12345678901234567890,
                "dataset_name": "eth",
                "dataset_namespace": "amp"
              }

            """
        #expect(results.map(\.output) == [head + "Tables: blocks, logs\n" + tail, head + tail])
    }

    @Test("What is not known has no line")
    func unknown() async throws {
        let results = try await runBothWays(
            ["job", "inspect", "41"],
            server: StubJobs(Self.answer(SampleJobs.hidden)),
            path: "/jobs/41",
            body: SampleJobs.hiddenBody
        )
        for result in results {
            #expect(result.output.hasSuffix("\nUpdated: 2024-01-15T10:30:00+00:00\n"))
        }
    }

    @Test("A job or an event that is not there ends with status 3 by both ways")
    func notFound() async throws {
        let server = StubJobs(failing: RPCError(.notFound, "job '8' not found", reason: "X"))
        for arguments in [
            ["job", "inspect", "8"], ["job", "events", "8"],
            ["job", "events", "8", "--event-id", "1"],
        ] {
            try await withStubServer(server) { socket in
                let result = try await runCommand(arguments + ["--socket", socket])
                #expect(result.status == .notFound)
                #expect(result.notes == "progressctl: job '8' not found\n")
            }
            try await withStubGateway { _ in
                (
                    .notFound,
                    #"{"error_code":"JOB_NOT_FOUND","error_message":"job '8' not found"}"#
                )
            } _: { url in
                let result = try await runCommand(arguments + ["--admin-url", url])
                #expect(result.status == .notFound)
                #expect(result.notes == "progressctl: job '8' not found\n")
            }
        }
    }

    @Test("Events are listed the same both ways")
    func events() async throws {
        var page = PBListJobEventsResponse()
        page.jobID = 42
        page.events = [SampleJobs.event, SampleJobs.event]
        page.events[1].id = 8
        page.nextCursor = 8
        let body =
            #"{"job_id":42,"events":[{"id":7,\#(SampleJobs.eventMembers)},"#
            + #"{"id":8,\#(SampleJobs.eventMembers)}],"next_cursor":8}"#
        let table = """
            ID  Created              Type   Node
            7   2026-01-02 03:04:05  ERROR  n
            8   2026-01-02 03:04:05  ERROR  n

            """
        let server = StubJobs(page)
        let arguments = ["job", "events", "42"]
        let asTable = try await runBothWays(
            arguments,
            server: server,
            path: "/jobs/42/events",
            body: body
        )
        for result in asTable {
            #expect(result.output == table)
            #expect(result.notes == "there are more: add '--after 8' for the next page\n")
        }
        let asJSON = try await runBothWays(
            arguments + ["--json", "-l", "2", "-a", "6"],
            server: server,
            path: "/jobs/42/events?limit=2&last_event_id=6",
            body: body
        )
        for result in asJSON { #expect(result.output == body + "\n") }
        #expect(
            server.questions == [
                #"ListJobEvents {"jobId":"42"}"#,
                #"ListJobEvents {"jobId":"42","limit":2,"lastEventId":"6"}"#,
            ]
        )
    }

    @Test("No events are a note, and nothing on standard output")
    func noEvents() async throws {
        var page = PBListJobEventsResponse()
        page.jobID = 42
        let results = try await runBothWays(
            ["job", "events", "42"],
            server: StubJobs(page),
            path: "/jobs/42/events",
            body: #"{"job_id":42,"events":[]}"#
        )
        for result in results {
            #expect(result.output.isEmpty)
            #expect(result.notes == "no events found\n")
        }
    }

    @Test("One event is shown with its detail, if it has one", arguments: [true, false])
    func event(hasDetail: Bool) async throws {
        var answer = PBGetJobEventResponse()
        answer.jobID = 42
        answer.event = SampleJobs.event
        if hasDetail { answer.event.detailJson = #"{"why": [1.50, {}]}"# }
        let detail = hasDetail ? #","detail":{"why": [1.50, {}]}"# : ""
        let body = #"{"id":7,"job_id":42,\#(SampleJobs.eventMembers)\#(detail)}"#
        let head = """
            Event ID: 7
            Job ID: 42
            Type: ERROR
            Node: n
            Created: 2026-01-02T03:04:05.000001+00:00

            """
        let tail = """
            Detail:
              {
                "why": [
                  1.50,
                  {}
                ]
              }

            """
        let server = StubJobs(answer)
        for (form, output) in [
            ([], hasDetail ? head + tail : head), (["--json"], body + "\n"),
        ] {
            let results = try await runBothWays(
                ["job", "events", "42", "--event-id", "7"] + form,
                server: server,
                path: "/jobs/42/events/7",
                body: body
            )
            for result in results { #expect(result.output == output) }
        }
        #expect(server.questions.first == #"GetJobEvent {"jobId":"42","eventId":"7"}"#)
    }

    @Test("Answers that are something else end with status 1")
    func badAnswers() async throws {
        try await withStubGateway { _ in
            (.ok, #"{"id":1}"#)
        } _: { url in
            for arguments in [
                ["job", "inspect", "1"], ["job", "events", "1"],
                ["job", "events", "1", "--event-id", "1"], ["dataset", "jobs", "a/b@dev"],
            ] {
                let result = try await runCommand(arguments + ["--admin-url", url])
                #expect(result.status == .failure)
                #expect(result.output.isEmpty)
            }
        }
    }

    @Test("A server's answer without what was asked for ends with status 1")
    func emptyAnswers() async throws {
        for (arguments, server) in [
            (["job", "inspect", "1"], StubJobs(PBGetJobResponse())),
            (["job", "events", "1", "--event-id", "1"], StubJobs(PBGetJobEventResponse())),
        ] {
            try await withStubServer(server) { socket in
                let result = try await runCommand(arguments + ["--socket", socket])
                #expect(result.status == .failure)
                #expect(result.output.isEmpty)
            }
        }
    }
}
