import ProgressTokens
import Testing

@testable import ProgressGateway

/// Requests that break the rules of HTTP or of this API, byte by byte.
@Suite(.serialized, .timeLimit(.minutes(1)))
struct RefusalTests {
    private static let target = "/jobs/42/progress"

    /// Sends `text` and expects one answer that closes the connection.
    private static func refusal(_ text: String) async throws -> HTTPAnswer {
        try await withGateway(anonymous: [.jobs]) { gateway async throws in
            let answers = try HTTPAnswer.parse(try await gateway.exchange(text))
            #expect(answers.count == 1)
            #expect(gateway.server.questions.isEmpty)
            return try #require(answers.first)
        }
    }

    @Test(
        "Methods other than GET and HEAD are refused and the allowed ones named",
        arguments: ["POST", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "PROPFIND"]
    )
    func method(_ method: String) async throws {
        try await withGateway { gateway async throws in
            let paths = [
                Self.target, "/healthz", "/jobs/abc/progress", "/jobs", "/jobs/42",
                "/jobs/42/events", "/jobs/42/events/7", "/datasets/a/b/versions/dev/jobs",
                "/whoami", "/openapi.json", "/", "/ui/jobs/3", "/ui/page.css", "/ui/page.js",
            ]
            for path in paths {
                let answer = try await gateway.request(method, path)
                #expect(answer.status == 405)
                #expect(answer["allow"] == "GET, HEAD")
                #expect(
                    answer.body
                        == #"{"error_code":"METHOD_NOT_ALLOWED","error_message":"this path answers GET and HEAD"}"#
                )
            }
        }
    }

    @Test(
        "Other paths lead nowhere",
        arguments: [
            "/job", "/jobs/", "/jobs/42/", "/jobs//progress", "/jobs/42/progress/",
            "//jobs/42/progress", "/jobs//42/progress", "/jobs/42//progress", "/JOBS/42/progress",
            "/j%6fbs/42/progress", "/jobs/42/progress%20", "/jobs/../jobs/42/progress", "/healthz/",
            "/openapi.json/", "/openapi.yaml",
            "/jobs/42/progress/x", "/jobs/42/progress;v=1", "//?x=/jobs/42/progress",
        ]
    )
    func path(_ path: String) async throws {
        try await withGateway(anonymous: [.jobs]) { gateway async throws in
            let answer = try await gateway.request("GET", path)
            #expect(answer.status == 404)
            #expect(
                answer.body
                    == #"{"error_code":"NOT_FOUND","error_message":"there is nothing at this path"}"#
            )
        }
    }

    @Test(
        "A request that is not well-formed gets one 400 and the connection ends",
        arguments: [
            "GET / HTTP/1.1\r\n\r\n",
            "GET / HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n",
            "GET / HTTP/1.1\r\nHost:\r\n\r\n",
            "GET / HTTP/1.1\r\nHost: a b\r\n\r\n",
            "GET / HTTP/1.1\r\nHost: a/b\r\n\r\n",
            "GET / HTTP/1.1\r\nHost: u@a\r\n\r\n",
            "GET http://a/jobs/42/progress HTTP/1.1\r\nHost: a\r\n\r\n",
            "OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n",
            "CONNECT a:1 HTTP/1.1\r\nHost: a\r\n\r\n",
            "GET /jobs/42/progress HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc",
            "GET /jobs/42/progress HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
            "GET /x HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
            "GET /x HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\n0\r\n\r\n",
            "GET /x HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nContent-Length: 4\r\n\r\nabcd",
            "GET /x HTTP/1.1\r\nHost: a\r\nContent-Length: +5\r\n\r\nabcde",
            "GET /x HTTP/1.1\r\nHost: a\r\nContent-Length: 0x5\r\n\r\nabcde",
            "GET /x HTTP/1.1\r\nHost: a\r\nContent-Length: -1\r\n\r\n",
            "GET /x HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nContent-Length: 3\r\n\r\nabc",
            "GET /x HTTP/1.1\r\nHost: a\r\nContent-Length: 5 5\r\n\r\nabcde",
            "GET /x HTTP/1.1\r\nHost: a\r\nContent-Length:\r\n\r\n",
            "GET /x HTTP/1.1\r\nHost: a\r\nContent-Length: 99999999999999999999\r\n\r\n",
            "GET /jobs/42/progress HTTP/1.1\r\nHost: a\r\nContent-Length: 00\r\n\r\n",
            "GET /jobs/42/progress HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked, identity\r\n\r\n",
            "GET /jobs/42/progress HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: xchunked\r\n\r\n",
            "GET /jobs/42/progress HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: \u{0B}chunked\r\n\r\n",
            "GET /x HTTP/1.1\r\nHost: a\r\nX: a\r\n b\r\n\r\n",
            "GET /x HTTP/1.1\r\nHost: a\r\nX: a\rb\r\n\r\n",
            "GET /x HTTP/1.1\nHost: a\n\n",
            "GET /x\r\n",
            "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
            "GET /x HTTP/1.1\r\nHost : a\r\n\r\n",
            "GET /x HTTP/1.1\r\nHost: a\r\nX: \0\r\n\r\n",
            "GE(T /x HTTP/1.1\r\nHost: a\r\n\r\n",
            "BREW /x HTTP/1.1\r\nHost: a\r\n\r\n",
            "GET /x HTTP/2.0\r\nHost: a\r\n\r\n",
            "GET /x HTTP/9.9\r\nHost: a\r\n\r\n",
            "GET /\u{00E9} HTTP/1.1\r\nHost: a\r\n\r\n",
            "\u{16}\u{03}\u{01}\u{02}\u{00}\u{01}\u{00}\u{01}\u{FC}\u{03}\u{03}\r\n\r\n",
        ]
    )
    func malformed(_ text: String) async throws {
        let follower = "GET /jobs/42/progress HTTP/1.1\r\nHost: a\r\n\r\n"
        let answer = try await Self.refusal(text + follower)
        #expect(answer.status == 400)
        #expect(answer["connection"] == "close")
        #expect(answer["content-type"] == "application/json")
        #expect(answer["x-request-id"]?.isEmpty == false)
        #expect(answer.body.hasPrefix(#"{"error_code":"BAD_REQUEST","error_message":""#))
    }

    @Test func aTargetOfTheLargestSizePassesAndOneByteMoreDoesNot() async throws {
        let limit = GatewayLimits().targetByteCount
        try await withGateway(anonymous: [.jobs]) { gateway async throws in
            let prefix = Self.target + "?"
            let padding = String(repeating: "a", count: limit - prefix.utf8.count)
            #expect(try await gateway.request("GET", prefix + padding).status == 200)
            let answer = try await gateway.request("GET", prefix + padding + "a")
            #expect(answer.status == 414)
            #expect(answer.body.contains("URI_TOO_LONG"))
            #expect(gateway.log.text.utf8.count < limit)
        }
    }

    @Test(
        "Heads beyond the limits are refused",
        arguments: [
            "GET /\(String(repeating: "a", count: 20_000)) HTTP/1.1\r\nHost: a\r\n\r\n",
            "GET / HTTP/1.1\r\nHost: a\r\nX: \(String(repeating: "a", count: 16 << 10))\r\n\r\n",
            "GET / HTTP/1.1\r\nHost: a\r\n"
                + String(repeating: "X: \(String(repeating: "a", count: 1000))\r\n", count: 20)
                + "\r\n",
            "GET / HTTP/1.1\r\nHost: a\r\n" + String(repeating: "X: y\r\n", count: 65) + "\r\n",
        ]
    )
    func headTooLarge(_ text: String) async throws {
        let answer = try await Self.refusal(text)
        #expect(answer.status == 431)
        #expect(answer.body.contains("HEADER_TOO_LARGE"))
    }

    @Test func anEmptyBodyIsNone() async throws {
        try await withGateway(anonymous: [.jobs]) { gateway async throws in
            let answer = try await gateway.request("GET", Self.target, ["Content-Length: 0"])
            #expect(answer.status == 200)
        }
    }

    @Test(
        "A body on another method is thrown away and the connection ends",
        arguments: [
            "Content-Length: 3\r\n\r\nabc", "Content-Length: 1000000\r\n\r\nabc",
            "Content-Length: 3\r\nExpect: 100-continue\r\n\r\n",
            "Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n",
            "Transfer-Encoding: chunked\r\n\r\n0\r\nHost: b\r\n\r\n",
            "Transfer-Encoding: chunked\r\n\r\nffffffffffffffffff\r\n",
            "Transfer-Encoding: chunked\r\n\r\n1;\(String(repeating: "a", count: 1 << 20))\r\n",
        ]
    )
    func body(_ rest: String) async throws {
        let answer = try await Self.refusal(
            "POST \(Self.target) HTTP/1.1\r\nHost: a\r\n" + rest
                + "GET \(Self.target) HTTP/1.1\r\nHost: a\r\n\r\n"
        )
        #expect(answer.status == 405)
        #expect(answer["connection"] == "close")
    }

    @Test(
        "A change of protocol is not granted and ends the connection",
        arguments: ["h2c", "websocket", "TLS/1.2"]
    )
    func upgrade(_ name: String) async throws {
        try await withGateway(anonymous: [.jobs]) { gateway async throws in
            let text = try await gateway.exchange(
                "GET \(Self.target) HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\n"
                    + "Upgrade: \(name)\r\n\r\nGET /healthz HTTP/1.1\r\nHost: a\r\n\r\n"
            )
            let answers = try HTTPAnswer.parse(text)
            #expect(answers.map(\.status) == [200])
            #expect(answers.first?["connection"] == "close")
        }
    }

    @Test func pipelinedRequestsAreAnsweredInOrder() async throws {
        try await withGateway(anonymous: [.jobs]) { gateway async throws in
            let text = (1...20).map { index in
                """
                GET /healthz HTTP/1.1\r\nHost: a\r\nX-Request-Id: r\(index)\r\n\
                Connection: \(index == 20 ? "close" : "keep-alive")\r\n\r\n
                """
            }.joined()
            let answers = try HTTPAnswer.parse(try await gateway.exchange(text))
            #expect(answers.map { $0["x-request-id"] } == (1...20).map { "r\($0)" })
            #expect(answers.map { $0["connection"] == "close" } == (1...20).map { $0 == 20 })
        }
    }

    @Test func whatPrecedesAMalformedRequestIsStillAnswered() async throws {
        try await withGateway(anonymous: [.jobs]) { gateway async throws in
            let good = "GET \(Self.target) HTTP/1.1\r\nHost: a\r\n\r\n"
            let text = try await gateway.exchange(good + good + "GE(T / HTTP/1.1\r\n\r\n" + good)
            let answers = try HTTPAnswer.parse(text)
            #expect(answers.map(\.status) == [200, 200, 400])
        }
    }

    @Test func anOldClientGetsItsAnswerAndTheEndOfTheConnection() async throws {
        try await withGateway(anonymous: [.jobs]) { gateway async throws in
            let text = try await gateway.exchange("GET \(Self.target) HTTP/1.0\r\n\r\n")
            let answer = try #require(try HTTPAnswer.parse(text).first)
            #expect(answer.status == 200)
            #expect(answer["connection"] == "close")
        }
    }

    @Test func aHeadThatDoesNotEndIsTimedOut() async throws {
        var limits = GatewayLimits()
        limits.headerTimeout = .milliseconds(20)
        try await withGateway(limits: limits) { gateway async throws in
            let text = try await gateway.exchange("GET /healthz HTTP/1.1\r\nHost: a\r\nX-Slow: ")
            let answer = try #require(try HTTPAnswer.parse(text).first)
            #expect(answer.status == 408)
            #expect(answer.body.contains("REQUEST_TIMEOUT"))
            #expect(gateway.log.requests.first?["code"] as? String == "REQUEST_TIMEOUT")
        }
    }

    @Test func anIdleConnectionIsClosed() async throws {
        var limits = GatewayLimits()
        // Long enough for the request to arrive on a busy machine.
        limits.idleTimeout = .seconds(1)
        try await withGateway(limits: limits) { gateway async throws in
            let text = try await gateway.exchange("GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n")
            #expect(try HTTPAnswer.parse(text).map(\.status) == [200])
        }
    }

    @Test func whatACallerSendsIsEscapedInTheLog() async throws {
        try await withGateway { gateway async throws in
            _ = try await gateway.request("GET", "/%0a{\"level\":\"fake\"}\\")
            #expect(gateway.log.requests.count == 1)
            #expect(gateway.log.requests.first?["path"] as? String == "/%0a{\"level\":\"fake\"}\\")
        }
    }

    @Test(
        "A token that a caller puts into a target is not logged",
        arguments: [
            ("/jobs/42/progress?access_token=", "/jobs/42/progress"),
            ("/jobs/", "/jobs/amppt_…"), ("*", "*amppt_…"),
        ]
    )
    func tokenInTarget(prefix: String, logged: String) async throws {
        try await withGateway { gateway async throws in
            let token = APIToken.random().text
            let answer = try await gateway.request("GET", prefix + token)
            #expect(answer.status >= 400)
            #expect(!gateway.log.text.contains(token))
            #expect(gateway.log.requests.map { $0["path"] as? String } == [logged])
        }
    }
}
