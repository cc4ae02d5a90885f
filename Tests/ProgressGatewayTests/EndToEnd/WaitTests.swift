import NIOCore
import NIOPosix
import ProgressRPC
import ProgressTokens
import Testing

@testable import ProgressGateway

@Suite(.serialized, .timeLimit(.minutes(1)))
struct WaitTests {
    private static let tag = "\"000102030405060708090a0b0c0d0e0f\""
    private static let otherTag = "\"ffffffffffffffffffffffffffffffff\""
    private static let path = "/jobs/42/progress?wait=30"
    private static let held: [Int64: CannedServer.Outcome] = [
        42: .held(.sample()), 43: .progress(.sample(43)),
    ]

    @Test func aChangeEndsTheWaitWithTheAnswer() async throws {
        try await withGateway(anonymous: [.jobs]) { gateway async throws in
            let plain = try await gateway.request("GET", "/jobs/42/progress")
            let answer = try await gateway.request(
                "GET",
                Self.path,
                ["If-None-Match: \(Self.otherTag)"]
            )
            #expect(answer.comparable == plain.comparable)
            let question = try #require(gateway.server.questions.last)
            #expect(question.waitMs == 30_000)
            #expect(question.knownVersion == [UInt8](repeating: 255, count: 16))
        }
    }

    @Test func aWaitThatEndsWithoutAChangeIsNotModified() async throws {
        try await withGateway(
            [42: .notModified],
            anonymous: [.jobs],
            rpcTimeout: .milliseconds(50)
        ) { gateway async throws in
            let answer = try await gateway.request(
                "GET",
                Self.path,
                ["If-None-Match: \(Self.tag)"]
            )
            #expect(answer.status == 304)
            #expect(answer["etag"] == Self.tag)
            #expect(answer["age"] == nil)
            // The time that a call may take comes on top of the wait.
            let left = try #require(gateway.server.questions.first?.timeLeft)
            #expect(left > .seconds(20) && left <= .milliseconds(30_050))
        }
    }

    @Test(
        "A wait needs the tag of one answer",
        arguments: [[], ["If-None-Match: *"], ["If-None-Match: \(tag), \(otherTag)"]]
    )
    func unknown(fields: [String]) async throws {
        try await withGateway(anonymous: [.jobs]) { gateway async throws in
            let answer = try await gateway.request("GET", Self.path, fields)
            #expect(answer.status == 400)
            #expect(answer.body.contains("wait needs If-None-Match with the ETag of one answer"))
            #expect(gateway.server.questions.isEmpty)
        }
    }

    @Test("A tag that is not ours is answered at once", arguments: ["\"v1\"", "W/\"abc\"", "x"])
    func foreign(tag: String) async throws {
        try await withGateway(anonymous: [.jobs]) { gateway async throws in
            let answer = try await gateway.request("GET", Self.path, ["If-None-Match: \(tag)"])
            #expect(answer.status == 200)
            #expect(gateway.server.questions.map(\.waitMs) == [0])
        }
    }

    @Test(
        "A wait that cannot be is refused before the server is asked",
        arguments: ["wait=0", "wait=61", "wait=1&wait=1", "wait=1&max_staleness=1"]
    )
    func refused(query: String) async throws {
        try await withGateway(anonymous: [.jobs]) { gateway async throws in
            let answer = try await gateway.request(
                "GET",
                "/jobs/42/progress?\(query)",
                ["If-None-Match: \(Self.tag)"]
            )
            #expect(answer.status == 400)
            #expect(answer.body.contains("\"error_code\":\"BAD_REQUEST\""))
            #expect(gateway.server.questions.isEmpty)
        }
    }

    @Test func aCallerWhoLeavesEndsTheCall() async throws {
        try await withGateway(Self.held, anonymous: [.jobs]) { gateway async throws in
            for mode in [CloseMode.all, .output] {
                let channel = try await Self.waiting(gateway)
                try await channel.close(mode: mode)
                let count = mode == .all ? 1 : 2
                while gateway.server.cancelledCount < count { await Task.yield() }
                while gateway.log.requests.count < count { await Task.yield() }
                let line = try #require(gateway.log.requests.last)
                #expect(line["status"] as? Int == 503)
                #expect((line["reason"] as? String)?.contains("left") == true)
                try? await channel.close()
            }
        }
    }

    @Test func aGatewayThatStopsEndsItsWaits() async throws {
        try await withGateway(Self.held, anonymous: [.jobs]) { gateway async throws in
            async let text = gateway.exchange(Self.head)
            while gateway.server.questions.isEmpty { await Task.yield() }
            await gateway.stop()
            let answer = try #require(try HTTPAnswer.parse(await text).first)
            #expect(answer.status == 503)
            #expect(answer["retry-after"] == "1")
            #expect(answer["connection"] == "close")
        }
    }

    @Test func waitsBeyondTheirBoundAreShedAndTakeNobodyElsesPlace() async throws {
        var limits = GatewayLimits()
        limits.waitingRequests = 2
        limits.requestsInFlight = 1
        try await withGateway(Self.held, anonymous: [.jobs], limits: limits) {
            gateway async throws in
            async let first = gateway.exchange(Self.head)
            async let second = gateway.exchange(Self.head)
            while gateway.server.questions.count < 2 { await Task.yield() }
            let third = try await gateway.request(
                "GET",
                Self.path,
                ["If-None-Match: \(Self.tag)"]
            )
            #expect(third.status == 503)
            #expect(third["retry-after"] == "1")
            #expect(third.body.contains("OVERLOADED"))
            let other = try await gateway.request("GET", "/jobs/43/progress")
            #expect(other.status == 200)
            gateway.server.release()
            for text in try await [first, second] {
                #expect(try HTTPAnswer.parse(text).map(\.status) == [304])
            }
        }
    }

    @Test func aConnectionServesOnAfterAWait() async throws {
        try await withGateway(anonymous: [.jobs]) { gateway async throws in
            let wait =
                "GET \(Self.path) HTTP/1.1\r\nHost: a\r\nIf-None-Match: \(Self.otherTag)\r\n\r\n"
            let text = try await gateway.exchange(wait + wait + Self.head)
            let answers = try HTTPAnswer.parse(text)
            #expect(answers.map(\.status) == [200, 200, 304])
            #expect(answers.map { $0["connection"] == "close" } == [false, false, true])
        }
    }

    @Test func aServerThatHasTooManyWaitersSaysSo() async throws {
        let error = RPCError(.resourceExhausted, "full", reason: "TOO_MANY_WAITERS")
        try await withGateway([42: .failure(error)], anonymous: [.jobs]) { gateway async throws in
            let answer = try await gateway.request(
                "GET",
                Self.path,
                ["If-None-Match: \(Self.tag)"]
            )
            #expect(answer.status == 503)
            #expect(answer["retry-after"] == "1")
        }
    }

    /// A request that waits, on a connection that ends with it.
    private static let head = """
        GET \(path) HTTP/1.1\r\nHost: a\r\nIf-None-Match: \(tag)\r\nConnection: close\r\n\r\n
        """

    /// A connection whose request has reached the server and waits.
    private static func waiting(_ gateway: RunningGateway) async throws -> any Channel {
        let count = gateway.server.questions.count
        let channel = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .connect(to: gateway.address).get()
        try await channel.writeAndFlush(
            ByteBuffer(
                string: "GET \(path) HTTP/1.1\r\nHost: a\r\nIf-None-Match: \(tag)\r\n\r\n"
            )
        )
        while gateway.server.questions.count == count { await Task.yield() }
        return channel
    }
}
