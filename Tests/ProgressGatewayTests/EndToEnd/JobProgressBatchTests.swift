import Foundation
import NIOCore
import ProgressJSON
import ProgressRPC
import ProgressTokens
import Testing

@testable import ProgressGateway

@Suite(.serialized, .timeLimit(.minutes(1)))
struct JobProgressBatchTests {
    private static let failure = RPCError(
        .internalError,
        "select * from secret_table",
        reason: "SNAPSHOT_TABLE_ERROR",
        details: ["table": "blocks"]
    )
    private static let jobs: [Int64: CannedServer.Outcome] = [
        42: .progress(.sample()), 43: .progress(.sample(43)), 8: .failure(failure),
    ]

    private static func json(_ id: Int64) -> String {
        String(buffer: ProgressJSON.encode(.sample(id)))
    }

    private static func notFound(_ id: Int64) -> String {
        """
        {"job_id":\(id),"error_code":"JOB_NOT_FOUND","error_message":"job '\(id)' not found"}
        """
    }

    @Test func eachJobIsAnsweredAsItIsAloneOrSaysWhyNot() async throws {
        try await withGateway(Self.jobs, anonymous: [.jobs]) { gateway async throws in
            let answer = try await gateway.request("GET", "/jobs/progress?ids=43,7,8,42")
            #expect(answer.status == 200)
            #expect(
                answer.body
                    == #"{"jobs":["# + Self.json(43) + "," + Self.json(42) + #"],"errors":["#
                    + Self.notFound(7)
                    + #",{"job_id":8,"error_code":"SNAPSHOT_TABLE_ERROR","#
                    + #""error_message":"the files of table 'blocks' could not be read"}]}"#
            )
            #expect(answer["content-type"] == "application/json")
            #expect(answer["cache-control"] == "private, no-cache")
            #expect(answer["vary"] == "Authorization")
            let question = try #require(gateway.server.questions.first)
            #expect(question.jobs.map(\.jobID) == [43, 7, 8, 42])
            #expect(question.jobs.map(\.knownVersion) == [Data](repeating: Data(), count: 4))
            let head = try await gateway.request("HEAD", "/jobs/progress?ids=43,7,8,42")
            #expect(head.comparable.fields == answer.comparable.fields)
        }
    }

    @Test func theTagStandsForTheWholeAnswer() async throws {
        var moved = PBJobProgress.sample(43)
        moved.version = Data(1...16)
        var other = Self.failure
        other.details = ["table": "logs"]
        let variants: [([Int64: CannedServer.Outcome], String)] = [
            (Self.jobs, "42,43,8"), (Self.jobs, "43,42,8"), (Self.jobs, "42,43"),
            (Self.jobs.merging([43: .progress(moved)]) { $1 }, "42,43,8"),
            (Self.jobs.merging([8: .failure(other)]) { $1 }, "42,43,8"),
        ]
        var tags: Set<String> = []
        for (jobs, ids) in variants {
            let tag = try await withGateway(jobs, anonymous: [.jobs]) { gateway async throws in
                let path = "/jobs/progress?ids=\(ids)"
                let answer = try await gateway.request("GET", path)
                let tag = try #require(answer["etag"])
                #expect(tag.wholeMatch(of: /"[0-9a-f]{32}"/) != nil)
                let again = try await gateway.request("GET", path, ["If-None-Match: \(tag)"])
                #expect(again.status == 304)
                #expect(again["etag"] == tag)
                return tag
            }
            tags.insert(tag)
        }
        #expect(tags.count == variants.count)
    }

    @Test func anAnswerWithoutAVersionHasNoTag() async throws {
        var nameless = PBJobProgress.sample()
        nameless.version = Data()
        try await withGateway([42: .progress(nameless)], anonymous: [.jobs]) {
            gateway async throws in
            let answer = try await gateway.request("GET", "/jobs/progress?ids=42")
            #expect(answer.status == 200)
            #expect(answer["etag"] == nil)
        }
    }

    @Test func aHiddenJobAndAnAbsentOneAreAnsweredAlike() async throws {
        try await withGateway(
            Self.jobs,
            tokens: ["base": ["datasets:base/*:read"], "none": ["metrics:read"]]
        ) { gateway async throws in
            for name in ["base", "none"] {
                let secret = try #require(gateway.secrets[name])
                let answer = try await gateway.get("/jobs/progress?ids=42,7", token: secret)
                #expect(
                    answer.body
                        == #"{"jobs":[],"errors":["# + Self.notFound(42) + "," + Self.notFound(7)
                        + "]}"
                )
            }
            // Who may see nothing is not even asked for.
            #expect(gateway.server.questions.count == 1)
        }
    }

    @Test func withoutATokenThereIsNothing() async throws {
        try await withGateway(Self.jobs) { gateway async throws in
            let answer = try await gateway.request("GET", "/jobs/progress?ids=42")
            #expect(answer.status == 401)
            #expect(gateway.server.questions.isEmpty)
        }
    }

    @Test func whatMayNotBeSeenIsWithheldWithTheWholeAnswer() async throws {
        try await withGateway(
            [42: .progress(.sample()), 43: .unfiltered(.sample(43)), 44: .unfiltered(.sample(45))],
            tokens: ["all": ["jobs:read"], "base": ["datasets:base/*:read"]]
        ) { gateway async throws in
            let base = try #require(gateway.secrets["base"])
            let all = try #require(gateway.secrets["all"])
            for (ids, token) in [("42,43", base), ("42,44", all)] {
                let answer = try await gateway.get("/jobs/progress?ids=\(ids)", token: token)
                #expect(answer.status == 500)
                #expect(answer.body.contains("SCOPE_VIOLATION"))
                #expect(!answer.body.contains("blocks"))
            }
        }
    }

    @Test func anAnswerThatLeavesAJobOutOrTwiceIsNotBelieved() async throws {
        var twice = PBGetJobProgressBatchResponse()
        twice.changed = [.sample(), .sample()]
        for outcome in [CannedServer.Outcome.notModified, .batch(.success(twice))] {
            try await withGateway([42: outcome], anonymous: [.jobs]) { gateway async throws in
                let answer = try await gateway.request("GET", "/jobs/progress?ids=42")
                #expect(answer.status == 502)
            }
        }
    }

    @Test(
        "What fails for all fails the request",
        arguments: [
            (.unavailable, 503, "SERVICE_UNAVAILABLE"), (.resourceExhausted, 503, "OVERLOADED"),
            (.deadlineExceeded, 504, "DEADLINE_EXCEEDED"), (.unimplemented, 502, "BAD_GATEWAY"),
            (.messageTooLarge, 400, "ask about fewer jobs"), (.notFound, 502, "BAD_GATEWAY"),
        ] as [(RPCError.Code, Int, String)]
    )
    func failure(code: RPCError.Code, status: Int, text: String) async throws {
        try await withGateway(
            [42: .batch(.failure(RPCError(code, "the server's own words")))],
            anonymous: [.jobs]
        ) { gateway async throws in
            let answer = try await gateway.request("GET", "/jobs/progress?ids=42")
            #expect(answer.status == status)
            #expect(answer.body.contains(text))
            #expect(!answer.body.contains("own words"))
            #expect((answer["retry-after"] == "1") == (status == 503))
        }
    }

    @Test(
        "What is no question is refused before the server is asked",
        arguments: [
            "", "?ids=", "?ids=42,42", "?ids=42&wait=1", "?ids=x", "?ids=42&ids=43",
            "?ids=42&include=ranges",
        ]
    )
    func refused(query: String) async throws {
        try await withGateway(Self.jobs, anonymous: [.jobs]) { gateway async throws in
            let answer = try await gateway.request("GET", "/jobs/progress\(query)")
            #expect(answer.status == 400)
            #expect(gateway.server.questions.isEmpty)
        }
    }
}
