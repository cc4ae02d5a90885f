import ProgressRPC
import ProgressTokens
import Testing

@testable import ProgressGateway

@Suite(.serialized, .timeLimit(.minutes(1)))
struct DatasetJobsTests {
    private static let path = "/datasets/ethereum/mainnet/versions/1.0.0-rc.1+x/jobs"

    @Test func theJobsAreThoseOfTheServer() async throws {
        try await withGateway(
            replies: try JobReplies.samples,
            tokens: ["t": ["datasets:ethereum/*:read"]]
        ) { gateway async throws in
            let token = try #require(gateway.secrets["t"])
            let answer = try await gateway.get(
                "/datasets/%65thereum/mainnet/versions/1.0.0-rc.1%2Bx/jobs",
                token: token
            )
            #expect(answer.status == 200)
            #expect(answer.body == #"{"jobs":["# + PBJob.sampleJSON() + "]}")
            #expect(answer["cache-control"] == "no-store")
            #expect(answer["link"] == nil)
            let call = try #require(gateway.server.calls.first)
            let request = try PBListDatasetJobsRequest(decoding: call.body)
            #expect(request.namespace == "ethereum")
            #expect(request.name == "mainnet")
            #expect(request.revision == "1.0.0-rc.1+x")
            #expect((request.limit, request.lastJobID) == (1_000, 0))
            #expect(call.scope?.datasets.map(\.namespace) == ["ethereum"])
        }
    }

    @Test func aPageThatIsNotTheLastLeadsToTheNext() async throws {
        let page = JobReplies.datasetPage([.sample()], next: 42)
        let replies: JobReplies.Replies = [.listDatasetJobs: .success(try page.encoded())]
        try await withGateway(replies: replies, anonymous: [.jobs]) { gateway async throws in
            let answer = try await gateway.request("GET", "\(Self.path)?limit=1&last_job_id=41")
            #expect(answer.body.hasSuffix(#"],"next_cursor":42}"#))
            let target = "\(Self.path)?limit=1&last_job_id=42"
            #expect(answer["link"] == "<\(target)>; rel=\"next\"")
            #expect(try await gateway.request("GET", target).status == 200)
            let cursors = try gateway.server.calls.map {
                try PBListDatasetJobsRequest(decoding: $0.body).lastJobID
            }
            #expect(cursors == [41, 42])
        }
    }

    @Test func aHiddenDatasetAndAnAbsentOneAreAnsweredAlike() async throws {
        let error = RPCError(.notFound, "", reason: "DATASET_NOT_FOUND")
        try await withGateway(
            replies: JobReplies.failing(error),
            tokens: [
                "own": ["datasets:ethereum/mainnet:read"], "base": ["datasets:base/*:read"],
                "none": ["metrics:read"],
            ]
        ) { gateway async throws in
            var answers: [HTTPAnswer] = []
            for name in ["own", "base", "none"] {
                let token = try #require(gateway.secrets[name])
                answers.append(try await gateway.get(Self.path, token: token).comparable)
            }
            #expect(answers[0].status == 404)
            #expect(
                answers[0].body
                    == #"{"error_code":"DATASET_NOT_FOUND","error_message":"#
                    + #""dataset 'ethereum/mainnet@1.0.0-rc.1+x' not found"}"#
            )
            #expect(answers[1] == answers[0])
            #expect(answers[2] == answers[0])
            // What is out of scope is not even asked for.
            #expect(gateway.server.calls.count == 1)
        }
    }

    @Test func aDescriptorOutOfScopeIsWithheldWithThePage() async throws {
        let page = JobReplies.datasetPage([.sample(dataset: ("base", "mainnet"))])
        let replies: JobReplies.Replies = [.listDatasetJobs: .success(try page.encoded())]
        try await withGateway(replies: replies, tokens: ["t": ["datasets:ethereum/*:read"]]) {
            gateway async throws in
            let token = try #require(gateway.secrets["t"])
            let answer = try await gateway.get(Self.path, token: token)
            #expect(answer.status == 500)
            #expect(answer.body.contains("SCOPE_VIOLATION"))
        }
    }

    @Test(
        "What is no dataset or no page is refused before the server is asked",
        arguments: [
            ("/datasets/a/b/versions/v1.0.0/jobs", "INVALID_PATH", "the revision is 'v1.0.0'"),
            ("/datasets/a/b/versions/1.0/jobs", "INVALID_PATH", "the revision is '1.0'"),
            ("/datasets/a%2Fb/c/versions/dev/jobs", "INVALID_PATH", "the namespace is 'a/b'"),
            ("/datasets/a/b%00/versions/dev/jobs", "INVALID_PATH", #"name is 'b\u0000'"#),
            ("/datasets/a/%C3%A9/versions/dev/jobs", "INVALID_PATH", "name is '\u{E9}'"),
            (
                "/datasets/\(String(repeating: "a", count: 300))/b/versions/dev/jobs",
                "INVALID_PATH", "…', 300 bytes long"
            ),
            ("/datasets/a/b/versions/dev/jobs?limit=0", "LIMIT_INVALID", "limit is '0'"),
            (
                "/datasets/a/b/versions/dev/jobs?limit=1001", "LIMIT_TOO_LARGE",
                "limit is '1001'; it must be 1 to 1000"
            ),
            (
                "/datasets/a/b/versions/dev/jobs?last_job_id=1&last_job_id=1",
                "INVALID_QUERY_PARAMETERS", "last_job_id is given 2 times"
            ),
        ]
    )
    func refused(target: String, code: String, message: String) async throws {
        try await withGateway(replies: try JobReplies.samples, anonymous: [.jobs]) {
            gateway async throws in
            let answer = try await gateway.request("GET", target)
            #expect(answer.status == 400)
            #expect(answer.body.hasPrefix(#"{"error_code":"\#(code)","#))
            #expect(answer.body.contains(message), "\(answer.body)")
            #expect(gateway.server.calls.isEmpty)
        }
    }

    @Test(
        "What fails at the server fails the request",
        arguments: [
            (.internalError, "RESOLVE_REVISION_ERROR", 500, "RESOLVE_REVISION_ERROR"),
            (.internalError, "LIST_JOBS_ERROR", 500, "LIST_JOBS_ERROR"),
            (.invalidArgument, "INVALID_REVISION", 400, "INVALID_PATH"),
            (.messageTooLarge, "", 400, "LIMIT_TOO_LARGE"),
            (.deadlineExceeded, "", 504, "DEADLINE_EXCEEDED"),
        ] as [(RPCError.Code, String, Int, String)]
    )
    func failure(code: RPCError.Code, reason: String, status: Int, text: String) async throws {
        let error = RPCError(code, "the server's own words", reason: reason)
        try await withGateway(replies: JobReplies.failing(error), anonymous: [.jobs]) {
            gateway async throws in
            let answer = try await gateway.request("GET", Self.path)
            #expect(answer.status == status)
            #expect(answer.body.contains(#""error_code":"\#(text)""#))
            #expect(!answer.body.contains("own words"))
        }
    }
}
