import ProgressTokens
import Testing

@testable import ProgressGateway

@Suite(.serialized, .timeLimit(.minutes(1)))
struct ShutdownTests {
    @Test func aRequestInFlightIsAnsweredAndItsConnectionClosed() async throws {
        try await withGateway([42: .held(.sample())], anonymous: [.jobs]) { gateway async throws in
            async let text = gateway.exchange("GET /jobs/42/progress HTTP/1.1\r\nHost: a\r\n\r\n")
            while gateway.server.questions.isEmpty { await Task.yield() }
            await gateway.stop()
            // Refused once the gateway has stopped listening.
            while (try? await gateway.exchange("GET / HTTP/1.0\r\n\r\n")) != nil {}
            gateway.server.release()
            let answer = try #require(try HTTPAnswer.parse(await text).first)
            #expect(answer.status == 200)
            #expect(answer["connection"] == "close")
        }
    }

    @Test func anIdleConnectionDoesNotHoldUpTheEnd() async throws {
        try await withGateway { gateway async throws in
            async let text = gateway.exchange("GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n")
            while gateway.log.requests.isEmpty { await Task.yield() }
            await gateway.stop()
            #expect(try HTTPAnswer.parse(await text).map(\.status) == [200])
        }
    }
}
