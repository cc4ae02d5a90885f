import ProgressRPC
import ProgressTokens
import Testing

@testable import ProgressGateway

/// `GET /jobs/{id}` and what happened to the job.
@Suite(.serialized, .timeLimit(.minutes(1)))
struct JobTests {
    private static let paths = ["/jobs/42", "/jobs/42/events", "/jobs/42/events/7"]

    @Test func aJobIsWhatTheServerSays() async throws {
        try await withGateway(replies: try JobReplies.samples, anonymous: [.jobs]) {
            gateway async throws in
            let answer = try await gateway.request("GET", "/jobs/%2B0042?limit=0")
            #expect(answer.status == 200)
            #expect(answer.body == PBJob.sampleJSON())
            #expect(answer["content-type"] == "application/json")
            #expect(answer["cache-control"] == "no-store")
            let head = try await gateway.request("HEAD", "/jobs/42")
            #expect(head.comparable.fields == answer.comparable.fields)
            let call = try #require(gateway.server.calls.first)
            #expect(try PBGetJobRequest(decoding: call.body).jobID == 42)
        }
    }

    @Test func theEventsOfAJobComeInPages() async throws {
        let events = JobReplies.events([.sample(7), .sample(8)], next: 8)
        let replies: JobReplies.Replies = [.listJobEvents: .success(try events.encoded())]
        try await withGateway(replies: replies, anonymous: [.jobs]) { gateway async throws in
            let answer = try await gateway.request(
                "GET",
                "/jobs/42/events?limit=2&last_event_id=6"
            )
            #expect(answer.status == 200)
            #expect(answer.body.hasPrefix(#"{"job_id":42,"events":[{"id":7,"created_at":"#))
            #expect(answer.body.hasSuffix(#"],"next_cursor":8}"#))
            #expect(
                answer["link"] == #"</jobs/42/events?limit=2&last_event_id=8>; rel="next""#
            )
            #expect(answer["cache-control"] == "no-store")
            _ = try await gateway.request("GET", "/jobs/42/events")
            let requests = try gateway.server.calls.map {
                try PBListJobEventsRequest(decoding: $0.body)
            }
            #expect(requests.map(\.jobID) == [42, 42])
            #expect(requests.map(\.limit) == [2, 10_000])
            #expect(requests.map(\.lastEventID) == [6, 0])
        }
    }

    @Test func anEventHasItsDetail() async throws {
        let event = JobReplies.event(.sample(7, detail: #"{"error_code": "X"}"#))
        let replies: JobReplies.Replies = [.getJobEvent: .success(try event.encoded())]
        try await withGateway(replies: replies, anonymous: [.jobs]) { gateway async throws in
            let answer = try await gateway.request("GET", "/jobs/42/events/007")
            #expect(answer.status == 200)
            #expect(
                answer.body
                    == #"{"id":7,"job_id":42,"created_at":"2026-03-13T09:30:00.000001+00:00","#
                    + #""node_id":"worker-1","event_type":"SCHEDULED","#
                    + #""detail":{"error_code": "X"}}"#
            )
            let call = try #require(gateway.server.calls.first)
            let request = try PBGetJobEventRequest(decoding: call.body)
            #expect((request.jobID, request.eventID) == (42, 7))
        }
    }

    @Test func withoutATokenThereIsNothing() async throws {
        try await withGateway(replies: try JobReplies.samples) { gateway async throws in
            for path in Self.paths {
                #expect(try await gateway.request("GET", path).status == 401)
            }
            #expect(gateway.server.calls.isEmpty)
        }
    }

    @Test func aHiddenJobAndAnAbsentOneAreAnsweredAlike() async throws {
        let error = RPCError(.notFound, "", reason: "JOB_NOT_FOUND")
        try await withGateway(
            replies: JobReplies.failing(error),
            tokens: ["base": ["datasets:base/*:read"], "none": ["metrics:read"]]
        ) { gateway async throws in
            for path in Self.paths {
                var answers: [HTTPAnswer] = []
                for name in ["base", "none"] {
                    let token = try #require(gateway.secrets[name])
                    answers.append(try await gateway.get(path, token: token).comparable)
                }
                #expect(answers[0] == answers[1])
                #expect(answers[0].status == 404)
                #expect(
                    answers[0].body
                        == #"{"error_code":"JOB_NOT_FOUND","error_message":"job '42' not found"}"#
                )
            }
            // Who may see nothing is not even asked for.
            #expect(gateway.server.calls.count == Self.paths.count)
        }
    }

    @Test func anEventThatIsNoneIsNotFound() async throws {
        let error = RPCError(.notFound, "", reason: "EVENT_NOT_FOUND")
        try await withGateway(replies: JobReplies.failing(error), anonymous: [.jobs]) {
            gateway async throws in
            let answer = try await gateway.request("GET", "/jobs/42/events/7")
            #expect(answer.status == 404)
            #expect(
                answer.body
                    == #"{"error_code":"EVENT_NOT_FOUND","#
                    + #""error_message":"event '7' of job '42' not found"}"#
            )
        }
    }

    @Test func whatMayNotBeSeenOrWasNotAskedForIsWithheld() async throws {
        let replies: JobReplies.Replies = [
            .getJob: .success(try JobReplies.job(.sample()).encoded()),
            .listJobEvents: .success(try JobReplies.events([.sample()], of: 43).encoded()),
            .getJobEvent: .success(try JobReplies.event(.sample(8)).encoded()),
        ]
        try await withGateway(
            replies: replies,
            tokens: ["base": ["datasets:base/*:read"], "all": ["jobs:read"]]
        ) { gateway async throws in
            let requests = [
                ("/jobs/42", "base"), ("/jobs/43", "all"), ("/jobs/42/events", "all"),
                ("/jobs/42/events/7", "all"), ("/jobs/43/events/8", "all"),
            ]
            for (path, name) in requests {
                let token = try #require(gateway.secrets[name])
                let answer = try await gateway.get(path, token: token)
                #expect(answer.status == 500, "\(path)")
                #expect(answer.body.contains("SCOPE_VIOLATION"))
            }
        }
    }

    @Test(
        "What is no question is refused before the server is asked",
        arguments: [
            ("/jobs/0", "INVALID_JOB_ID", "invalid job ID: JobId must be positive, got: 0"),
            ("/jobs/abc", "INVALID_JOB_ID", "invalid job ID: Cannot parse `abc` to a `i64`"),
            ("/jobs/x/events", "INVALID_JOB_ID", "invalid job ID: Cannot parse `x` to a `i64`"),
            (
                "/jobs/42/events/0", "INVALID_JOB_ID",
                "invalid path parameters: EventId must be positive, got: 0"
            ),
            (
                "/jobs/42/events/abc", "INVALID_JOB_ID",
                "invalid path parameters: Cannot parse `abc` to a `i64`"
            ),
            (
                "/jobs/abc/events/7", "INVALID_JOB_ID",
                "invalid path parameters: Cannot parse `abc` to a `i64`"
            ),
            (
                "/jobs/42/events/9223372036854775808", "INVALID_JOB_ID",
                "invalid path parameters: Cannot parse `9223372036854775808` to a `i64`"
            ),
            ("/jobs/42/events?limit=0", "LIMIT_INVALID", "limit is '0'; it must be 1 to 10000"),
            (
                "/jobs/42/events?limit=10001", "LIMIT_TOO_LARGE",
                "limit is '10001'; it must be 1 to 10000"
            ),
            (
                "/jobs/42/events?last_event_id=abc", "INVALID_QUERY_PARAMETERS",
                "last_event_id is 'abc'; it must be 1 to 9223372036854775807"
            ),
        ]
    )
    func refused(target: String, code: String, message: String) async throws {
        try await withGateway(replies: try JobReplies.samples, anonymous: [.jobs]) {
            gateway async throws in
            let answer = try await gateway.request("GET", target)
            #expect(answer.status == 400)
            #expect(
                answer.body == #"{"error_code":"\#(code)","error_message":"\#(message)"}"#
            )
            #expect(gateway.server.calls.isEmpty)
        }
    }

    @Test(
        "What fails at the server fails the request",
        arguments: [
            ("/jobs/42", .internalError, "GET_JOB_ERROR", 500, "GET_JOB_ERROR"),
            ("/jobs/42", .messageTooLarge, "", 502, "BAD_GATEWAY"),
            (
                "/jobs/42/events", .internalError, "GET_JOB_EVENTS_ERROR", 500,
                "GET_JOB_EVENTS_ERROR"
            ),
            ("/jobs/42/events", .messageTooLarge, "", 400, "LIMIT_TOO_LARGE"),
            (
                "/jobs/42/events/7", .internalError, "GET_JOB_EVENT_ERROR", 500,
                "GET_JOB_EVENT_ERROR"
            ),
            ("/jobs/42/events/7", .unavailable, "", 503, "SERVICE_UNAVAILABLE"),
        ] as [(String, RPCError.Code, String, Int, String)]
    )
    func failure(
        target: String,
        code: RPCError.Code,
        reason: String,
        status: Int,
        text: String
    ) async throws {
        let error = RPCError(code, "the server's own words", reason: reason)
        try await withGateway(replies: JobReplies.failing(error), anonymous: [.jobs]) {
            gateway async throws in
            let answer = try await gateway.request("GET", target)
            #expect(answer.status == status)
            #expect(answer.body.contains(#""error_code":"\#(text)""#))
            #expect(!answer.body.contains("own words"))
        }
    }
}
