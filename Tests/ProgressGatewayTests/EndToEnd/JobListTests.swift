import ProgressRPC
import ProgressTokens
import Testing

@testable import ProgressGateway

@Suite(.serialized, .timeLimit(.minutes(1)))
struct JobListTests {
    private static func replies(
        _ jobs: [PBJob],
        next: Int64 = 0
    ) throws -> JobReplies.Replies {
        [.listJobs: .success(try JobReplies.page(jobs, next: next).encoded())]
    }

    @Test func thePageIsThatOfTheServer() async throws {
        let replies = try Self.replies([.sample(43), .sample(42, descriptor: nil)])
        try await withGateway(replies: replies, anonymous: [.jobs]) { gateway async throws in
            let answer = try await gateway.request("GET", "/jobs")
            #expect(answer.status == 200)
            #expect(
                answer.body
                    == #"{"jobs":["# + PBJob.sampleJSON(43) + ","
                    + PBJob.sampleJSON(descriptor: "null") + "]}"
            )
            #expect(answer["content-type"] == "application/json")
            #expect(answer["cache-control"] == "no-store")
            #expect(answer["link"] == nil)
            #expect(answer["etag"] == nil)
            let head = try await gateway.request("HEAD", "/jobs")
            #expect(head.comparable.fields == answer.comparable.fields)
            let call = try #require(gateway.server.calls.first)
            let request = try PBListJobsRequest(decoding: call.body)
            #expect(request.limit == 50)
            #expect(request.lastJobID == 0)
            #expect(request.statuses == ["SCHEDULED", "RUNNING", "STOP_REQUESTED", "STOPPING"])
            #expect(call.caller.hasPrefix("anon "))
            #expect(call.scope?.all == true)
        }
    }

    @Test func aPageThatIsNotTheLastLeadsToTheNext() async throws {
        let replies = try Self.replies([.sample(43)], next: 43)
        try await withGateway(replies: replies, anonymous: [.jobs]) { gateway async throws in
            let answer = try await gateway.request(
                "GET",
                "/jobs?status=running,%20error&limit=1&last_job_id=50&foreign=1&foreign=2"
            )
            #expect(answer.body.hasSuffix(#"],"next_cursor":43}"#))
            let target = "/jobs?limit=1&last_job_id=43&status=running,%20error"
            #expect(answer["link"] == "<\(target)>; rel=\"next\"")
            #expect(try await gateway.request("GET", target).status == 200)
            let requests = try gateway.server.calls.map {
                try PBListJobsRequest(decoding: $0.body)
            }
            #expect(requests.map(\.limit) == [1, 1])
            #expect(requests.map(\.lastJobID) == [50, 43])
            #expect(requests.map(\.statuses) == [["RUNNING", "ERROR"], ["RUNNING", "ERROR"]])
        }
    }

    @Test func allMeansNoStatusAtAll() async throws {
        try await withGateway(replies: try Self.replies([]), anonymous: [.jobs]) {
            gateway async throws in
            let answer = try await gateway.request("GET", "/jobs?status=all")
            #expect(answer.body == #"{"jobs":[]}"#)
            let call = try #require(gateway.server.calls.first)
            #expect(try PBListJobsRequest(decoding: call.body).statuses.isEmpty)
        }
    }

    @Test func theServerIsAskedWithinTheCallersScope() async throws {
        let replies = try Self.replies([.sample(42, descriptor: nil, dataset: ("", ""))])
        try await withGateway(
            replies: replies,
            tokens: ["base": ["datasets:base/*:read"], "none": ["metrics:read", "details:read"]]
        ) { gateway async throws in
            let base = try #require(gateway.secrets["base"])
            let answer = try await gateway.get("/jobs", token: base)
            #expect(answer.body.contains(#""descriptor":null"#))
            #expect(gateway.server.calls.first?.scope?.all == false)
            #expect(gateway.server.calls.first?.scope?.datasets.map(\.namespace) == ["base"])
            let none = try #require(gateway.secrets["none"])
            let empty = try await gateway.get("/jobs", token: none)
            #expect(empty.status == 200)
            #expect(empty.body == #"{"jobs":[]}"#)
            #expect(gateway.server.calls.count == 1)
        }
    }

    @Test func aDescriptorOutOfScopeIsWithheldWithThePage() async throws {
        let replies = try Self.replies([.sample(43, descriptor: nil), .sample()])
        try await withGateway(replies: replies, tokens: ["base": ["datasets:base/*:read"]]) {
            gateway async throws in
            let answer = try await gateway.get(
                "/jobs",
                token: try #require(gateway.secrets["base"])
            )
            #expect(answer.status == 500)
            #expect(answer.body.contains("SCOPE_VIOLATION"))
            #expect(!answer.body.contains("materialize"))
            #expect(
                gateway.log.requests.first?["reason"] as? String
                    == "the server sent the descriptor of job 42 of 'ethereum/mainnet' out of scope"
            )
        }
    }

    @Test(
        "What is no question is refused before the server is asked",
        arguments: [
            ("limit=0", "LIMIT_INVALID"), ("limit=1001", "LIMIT_TOO_LARGE"),
            ("limit=abc", "INVALID_QUERY_PARAMETERS"),
            ("last_job_id=0", "INVALID_QUERY_PARAMETERS"),
            ("status=nonsense", "INVALID_QUERY_PARAMETERS"),
            ("status=UNKNOWN", "INVALID_QUERY_PARAMETERS"),
            ("status=all&status=all", "INVALID_QUERY_PARAMETERS"),
            ("limit=1&limit=2", "INVALID_QUERY_PARAMETERS"),
        ]
    )
    func refused(query: String, code: String) async throws {
        try await withGateway(replies: try JobReplies.samples, tokens: ["none": ["metrics:read"]]) {
            gateway async throws in
            // Who may see no job is told the same.
            let token = try #require(gateway.secrets["none"])
            let answer = try await gateway.get("/jobs?\(query)", token: token)
            #expect(answer.status == 400)
            #expect(answer.body.hasPrefix(#"{"error_code":"\#(code)","#))
            #expect(gateway.server.calls.isEmpty)
        }
    }

    @Test(
        "What fails at the server fails the request",
        arguments: [
            (.internalError, "LIST_JOBS_ERROR", 500, "LIST_JOBS_ERROR"),
            (.unavailable, "", 503, "SERVICE_UNAVAILABLE"),
            (.messageTooLarge, "", 400, "LIMIT_TOO_LARGE"),
            (.unimplemented, "", 502, "BAD_GATEWAY"),
            (.invalidArgument, "INVALID_STATUS", 502, "BAD_GATEWAY"),
        ] as [(RPCError.Code, String, Int, String)]
    )
    func failure(code: RPCError.Code, reason: String, status: Int, text: String) async throws {
        let error = RPCError(code, "the server's own words", reason: reason)
        try await withGateway(replies: JobReplies.failing(error), anonymous: [.jobs]) {
            gateway async throws in
            let answer = try await gateway.request("GET", "/jobs")
            #expect(answer.status == status)
            #expect(answer.body.contains(#""error_code":"\#(text)""#))
            #expect(!answer.body.contains("own words"))
        }
    }

    @Test func aCursorThatIsNoneIsNotBelieved() async throws {
        try await withGateway(replies: try Self.replies([], next: -1), anonymous: [.jobs]) {
            gateway async throws in
            #expect(try await gateway.request("GET", "/jobs").status == 502)
        }
    }

    @Test(
        "A body is refused",
        arguments: [
            "/jobs", "/jobs/42", "/jobs/42/events", "/jobs/42/events/7", "/whoami",
            "/datasets/a/b/versions/dev/jobs",
        ]
    )
    func body(target: String) async throws {
        try await withGateway(replies: try JobReplies.samples, anonymous: [.jobs]) {
            gateway async throws in
            let answers = try HTTPAnswer.parse(
                try await gateway.exchange(
                    "GET \(target) HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\n{}"
                )
            )
            #expect(answers.map(\.status) == [400])
            #expect(answers.first?.body.contains("must have no body") == true)
            #expect(gateway.server.calls.isEmpty)
        }
    }
}
