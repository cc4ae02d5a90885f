import ProgressRPC
import ProgressTokens
import Testing

@testable import ProgressGateway

@Suite(.serialized, .timeLimit(.minutes(1)))
struct JobProgressTests {
    private static let body = """
        {"job_id":42,"job_status":"RUNNING","tables":{\
        "blocks":{"current_block":21500000,"start_block":0,"files_count":1247,"total_size_bytes":137970286592},\
        "transactions":{"current_block":null,"start_block":null,"files_count":0,"total_size_bytes":0}}}
        """
    private static let tag = "\"000102030405060708090a0b0c0d0e0f\""

    @Test func theAnswerIsThatOfAmpByteForByte() async throws {
        try await withGateway(anonymous: [.jobs]) { gateway async throws in
            let answer = try await gateway.request("GET", "/jobs/42/progress")
            #expect(answer.status == 200)
            #expect(answer.body == Self.body)
            #expect(answer["content-type"] == "application/json")
            #expect(answer["etag"] == Self.tag)
            #expect(answer["cache-control"] == "private, no-cache")
            #expect(answer["vary"] == "Authorization")
        }
    }

    @Test func headHasTheFieldsOfGetAndNoBody() async throws {
        try await withGateway(anonymous: [.jobs]) { gateway async throws in
            let get = try await gateway.request("GET", "/jobs/42/progress")
            let head = try await gateway.request("HEAD", "/jobs/42/progress")
            #expect(head.body.isEmpty)
            #expect(head.status == get.status)
            #expect(head.comparable.fields == get.comparable.fields)
            let missing = try await gateway.request("HEAD", "/jobs/7/progress")
            #expect(missing.status == 404)
            #expect(missing.body.isEmpty)
        }
    }

    @Test(
        "Every way to write job 42 means job 42",
        arguments: ["42", "+42", "042", "0000042", "4%32", "%34%32", "%2B42", "42?x=1"]
    )
    func spelling(_ segment: String) async throws {
        try await withGateway(anonymous: [.jobs]) { gateway async throws in
            let parts = segment.split(separator: "?", maxSplits: 1)
            let query = parts.count == 2 ? "?\(parts[1])" : ""
            let answer = try await gateway.request("GET", "/jobs/\(parts[0])/progress\(query)")
            #expect(answer.status == 200)
            #expect(answer.body == Self.body)
        }
    }

    @Test(
        "What is no job id is refused before the server is asked",
        arguments: [
            "0", "-1", "+0", "-0", "00", "abc", "9223372036854775808", "18446744073709551616",
            "1e3",
            "0x1", "4_2", "%20" + "42", "42%20", "%00", "42%00", "%ff", "4%2532", "%2F", "%2e%2e",
            "%D9%A1", "4%zz", "--1", "+", "-", "42;a=1", String(repeating: "9", count: 400),
        ]
    )
    func invalidID(_ segment: String) async throws {
        try await withGateway(anonymous: [.jobs]) { gateway async throws in
            let answer = try await gateway.request("GET", "/jobs/\(segment)/progress")
            #expect(answer.status == 400)
            #expect(
                answer.body.hasPrefix(
                    #"{"error_code":"INVALID_JOB_ID","error_message":"invalid job ID: "#
                )
            )
            #expect(answer.body.utf8.count < 400)
            #expect(gateway.server.questions.isEmpty)
        }
    }

    @Test(
        "What is wrong with a job id is said in Amp's words",
        arguments: [
            ("abc", "Cannot parse `abc` to a `i64`"), ("%20", "Cannot parse ` ` to a `i64`"),
            ("9223372036854775808", "Cannot parse `9223372036854775808` to a `i64`"),
            ("4%zz", "Cannot parse `4%zz` to a `i64`"), ("%2F", "Cannot parse `/` to a `i64`"),
            ("0", "JobId must be positive, got: 0"), ("-7", "JobId must be positive, got: -7"),
        ]
    )
    func invalidIDMessage(segment: String, words: String) throws {
        let failure = #expect(throws: HTTPFailure.self) {
            try JobID(segment: Array(segment.utf8))
        }
        #expect(failure?.message == "invalid job ID: \(words)")
    }

    @Test(
        "Job ids at the limits of 64 bits pass exactly",
        arguments: [Int64(1), (1 << 53) + 1, .max]
    )
    func extremeIDs(_ id: Int64) async throws {
        try await withGateway([id: .progress(.sample(id))], anonymous: [.jobs]) {
            gateway async throws in
            let answer = try await gateway.request("GET", "/jobs/\(id)/progress")
            #expect(answer.body.hasPrefix("{\"job_id\":\(id),"))
            #expect(gateway.server.questions.map(\.jobID) == [id])
        }
    }

    @Test func anUnknownJobIsNotFound() async throws {
        try await withGateway(anonymous: [.jobs]) { gateway async throws in
            let answer = try await gateway.request("GET", "/jobs/+07/progress")
            #expect(answer.status == 404)
            #expect(
                answer.body
                    == #"{"error_code":"JOB_NOT_FOUND","error_message":"job '7' not found"}"#
            )
            #expect(answer["content-type"] == "application/json")
            #expect(answer["etag"] == nil)
        }
    }

    @Test(
        "A caller that holds the current version is told so and no more",
        arguments: [
            tag, "W/\(tag)", "  \(tag)  ", "\"x\", \(tag)", "\(tag), \"other\"", "*",
            "\"ffffffffffffffffffffffffffffffff\", \(tag)",
        ]
    )
    func notModified(_ condition: String) async throws {
        try await withGateway(anonymous: [.jobs]) { gateway async throws in
            let answer = try await gateway.request(
                "GET",
                "/jobs/42/progress",
                ["If-None-Match: \(condition)"]
            )
            #expect(answer.status == 304)
            #expect(answer["etag"] == Self.tag)
            #expect(answer["content-length"] == nil)
            #expect(answer["vary"] == "Authorization")
        }
    }

    @Test(
        "A caller that holds another version gets the answer",
        arguments: [
            "\"ffffffffffffffffffffffffffffffff\"", "000102030405060708090a0b0c0d0e0f", "\"00\"",
            "\"000102030405060708090A0B0C0D0E0F\"", "garbage", "\"*\"",
        ]
    )
    func modified(_ condition: String) async throws {
        try await withGateway(anonymous: [.jobs]) { gateway async throws in
            let answer = try await gateway.request(
                "GET",
                "/jobs/42/progress",
                ["If-None-Match: \(condition)"]
            )
            #expect(answer.status == 200)
            #expect(answer.body == Self.body)
        }
    }

    @Test func aServerThatKnowsAVersionUnaskedIsNotBelieved() async throws {
        try await withGateway([42: .notModified], anonymous: [.jobs]) { gateway async throws in
            let answer = try await gateway.request("GET", "/jobs/42/progress")
            #expect(answer.status == 502)
            #expect(answer.body.contains("BAD_GATEWAY"))
        }
    }

    @Test func theVersionHeldIsComparedByTheServer() async throws {
        try await withGateway(anonymous: [.jobs]) { gateway async throws in
            _ = try await gateway.request(
                "GET",
                "/jobs/42/progress",
                ["If-None-Match: \(Self.tag)"]
            )
            #expect(gateway.server.questions.map(\.knownVersion) == [Array(0..<16)])
        }
    }

    @Test func theCallersRequestIDAndTraceGoWithTheCall() async throws {
        let trace = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
        try await withGateway(anonymous: [.jobs]) { gateway async throws in
            let answer = try await gateway.request(
                "GET",
                "/jobs/42/progress",
                ["X-Request-Id: my.id_1", "traceparent: \(trace)"]
            )
            #expect(answer["x-request-id"] == "my.id_1")
            #expect(gateway.server.questions.first?.caller == "anon my.id_1")
            #expect(gateway.server.questions.first?.traceparent == trace)
        }
    }

    @Test func anUnusableRequestIDIsReplaced() async throws {
        try await withGateway(anonymous: [.jobs]) { gateway async throws in
            let answer = try await gateway.request(
                "GET",
                "/jobs/42/progress",
                ["X-Request-Id: a b", "traceparent: garbage"]
            )
            #expect(answer["x-request-id"]?.utf8.count == 16)
            #expect(gateway.server.questions.first?.traceparent == "")
        }
    }

    @Test func aSilentServerIsATimeout() async throws {
        try await withGateway(
            [42: .held(.sample())],
            anonymous: [.jobs],
            rpcTimeout: .milliseconds(50)
        ) { gateway async throws in
            let answer = try await gateway.request("GET", "/jobs/42/progress")
            #expect(answer.status == 504)
            #expect(answer.body.contains("DEADLINE_EXCEEDED"))
        }
    }

    @Test func aMissingServerIsUnavailableAndTheGatewayAlive() async throws {
        try await withGateway(anonymous: [.jobs], isServerUp: false) { gateway async throws in
            let answer = try await gateway.request("GET", "/jobs/42/progress")
            #expect(answer.status == 503)
            #expect(answer["retry-after"] == "1")
            #expect(answer.body.contains("SERVICE_UNAVAILABLE"))
            #expect(!answer.body.contains("/"))
            let health = try await gateway.request("GET", "/healthz")
            #expect(health.status == 200)
            #expect(health.body.isEmpty)
        }
    }

    @Test func whatTheServerSaysOfAFailureStaysInTheLog() async throws {
        let error = RPCError(
            .internalError,
            "select * from secret_table",
            reason: "SNAPSHOT_TABLE_ERROR"
        )
        try await withGateway([42: .failure(error)], anonymous: [.jobs]) { gateway async throws in
            let answer = try await gateway.request("GET", "/jobs/42/progress")
            #expect(answer.status == 500)
            #expect(
                answer.body
                    == #"{"error_code":"SNAPSHOT_TABLE_ERROR","error_message":"the files of a table could not be read"}"#
            )
            let line = try #require(gateway.log.requests.first)
            #expect((line["reason"] as? String)?.contains("secret_table") == true)
            #expect(line["level"] as? String == "error")
        }
    }

    @Test(arguments: [
        ("blocks", "table 'blocks'"), ("select * from x", "a table"), ("", "a table"),
        (String(repeating: "t", count: 64), "a table"),
    ])
    func theTableThatFailedIsNamedIfItIsATablesName(name: String, shown: String) async throws {
        let error = RPCError(
            .internalError,
            "x",
            reason: "SNAPSHOT_TABLE_ERROR",
            details: ["table": name]
        )
        try await withGateway([42: .failure(error)], anonymous: [.jobs]) { gateway async throws in
            let answer = try await gateway.request("GET", "/jobs/42/progress")
            #expect(answer.body.contains("\"the files of \(shown) could not be read\""))
        }
    }

    @Test func oneLineIsLoggedForEachRequest() async throws {
        try await withGateway(anonymous: [.jobs]) { gateway async throws in
            _ = try await gateway.request(
                "GET",
                "/jobs/42/progress?q=%22x%22",
                ["X-Request-Id: r1"]
            )
            let line = try #require(gateway.log.requests.first)
            #expect(gateway.log.requests.count == 1)
            #expect(line["request_id"] as? String == "r1")
            #expect(line["principal"] as? String == "anon")
            #expect(line["method"] as? String == "GET")
            #expect(line["route"] as? String == "/jobs/{id}/progress")
            #expect(line["path"] as? String == "/jobs/42/progress")
            #expect(line["status"] as? Int == 200)
            #expect(line["bytes"] as? Int == Self.body.utf8.count)
            #expect((line["dur_us"] as? Int).map { $0 > 0 } == true)
            #expect((line["remote"] as? String)?.hasPrefix("127.0.0.1:") == true)
        }
    }

    @Test func requestsBeyondTheBoundAreShed() async throws {
        var limits = GatewayLimits()
        limits.requestsInFlight = 0
        try await withGateway(anonymous: [.jobs], limits: limits) { gateway async throws in
            let answer = try await gateway.request("GET", "/jobs/42/progress")
            #expect(answer.status == 503)
            #expect(answer["retry-after"] == "1")
            #expect(answer.body.contains("OVERLOADED"))
        }
    }
}
