import NIOCore
import ProgressJSON
import ProgressRPC
import ProgressTokens
import Testing

@testable import ProgressGateway

@Suite(.serialized, .timeLimit(.minutes(1)))
struct StalenessTests {
    private static func aged(_ microseconds: UInt32) -> PBJobProgress {
        var progress = PBJobProgress.sample()
        progress.ageUs = microseconds
        return progress
    }

    @Test func theBoundGoesToTheServer() async throws {
        try await withGateway(anonymous: [.jobs]) { gateway async throws in
            _ = try await gateway.request("GET", "/jobs/42/progress?max_staleness=0.25")
            _ = try await gateway.request("GET", "/jobs/progress?ids=42&max_staleness=3600")
            _ = try await gateway.request("GET", "/jobs/42/progress")
            #expect(gateway.server.questions.map(\.maxStalenessMs) == [250, 3_600_000, 0])
        }
    }

    @Test(
        "An age is told in whole seconds, that of a fresh answer not at all",
        arguments: [(0, "0"), (999_999, "0"), (1_000_000, "1"), (4_294_967_295, "4294")]
            as [(UInt32, String)]
    )
    func age(microseconds: UInt32, seconds: String) async throws {
        try await withGateway(
            [42: .progress(Self.aged(microseconds)), 43: .progress(.sample(43))],
            anonymous: [.jobs]
        ) { gateway async throws in
            let old = try await gateway.request("GET", "/jobs/42/progress?max_staleness=5")
            #expect(old["age"] == seconds)
            let fresh = try await gateway.request("GET", "/jobs/43/progress?max_staleness=5")
            #expect(fresh.status == 200)
            #expect(fresh["age"] == nil)
        }
    }

    @Test func anAgeIsNoPartOfTheAnswer() async throws {
        try await withGateway(
            [42: .progress(Self.aged(7))],
            anonymous: [.jobs]
        ) { gateway async throws in
            let body = try await gateway.request("GET", "/jobs/42/progress").body
            #expect(body == String(buffer: ProgressJSON.encode(.sample())))
        }
    }

    @Test func anotherBoundIsRefused() async throws {
        try await withGateway(anonymous: [.jobs]) { gateway async throws in
            for query in ["max_staleness=3600.001", "max_staleness=1&max_staleness=1"] {
                for path in ["/jobs/42/progress?", "/jobs/progress?ids=42&"] {
                    let answer = try await gateway.request("GET", path + query)
                    #expect(answer.status == 400)
                    #expect(answer.body.contains("max_staleness"))
                }
            }
            #expect(gateway.server.questions.isEmpty)
        }
    }
}
