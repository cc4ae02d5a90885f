import ProgressPostgres
import ProgressRPC
import TestSupport
import Testing

@testable import ProgressServer

@Suite("A standby that is promoted", .requiresPostgres, .timeLimit(.minutes(3)))
struct PromotionTests {
    @Test func itIsServedOnWithoutANewSession() async throws {
        let pair = try await StandbyPair.make()
        let modes = CurrencyTests.Mode.allCases
        var databases: [CurrencyTests.Mode: FollowedDatabase] = [:]
        var samples: [CurrencyTests.Mode: SampleJob] = [:]
        for mode in modes {
            let database = try await pair.makeDatabase("promoted_\(mode)", mode)
            samples[mode] = try await database.primary.addSampleJob(fileCount: 3)
            databases[mode] = database
        }
        let log = try #require(databases[.log])
        let scan = try #require(databases[.scan])
        let (logSample, scanSample) = try (#require(samples[.log]), #require(samples[.scan]))
        try await log.catchUp()
        let observations = Observations()
        try await withService(self.configuration(log), observe: observations.record) {
            _,
            logClient in
            try await withService(self.configuration(scan), observe: observations.record) {
                _,
                scanClient in
                try await Self.check(log, logSample, logClient) {
                    try await Self.check(scan, scanSample, scanClient) {
                        try await log.standby.execute("SELECT pg_promote(true, 60)")
                    }
                }
            }
        }
        #expect(observations.connectionCount == modes.count)
    }

    private func configuration(_ database: FollowedDatabase) -> ProgressEngine.Configuration {
        var configuration = database.configuration()
        configuration.idleInterval = .milliseconds(20)
        return configuration
    }

    /// Asks before and after the promotion.
    private static func check(
        _ database: FollowedDatabase,
        _ sample: SampleJob,
        _ client: ProgressClient,
        promote: @Sendable () async throws -> Void
    ) async throws {
        // What is in progress when the primary is lost never was.
        let lost = try await HeldTransaction(
            AmpDatabase.chainScript(3..<4, of: sample.blocks),
            in: database.primary
        )
        try await database.primary.addChain(of: 1, to: sample.logs)
        try await database.catchUp()
        let before = try await client.numbers(of: sample.job)
        #expect(before == ["blocks": TableNumbers(3), "logs": TableNumbers(4)])
        try await promote()
        #expect(try await client.numbers(of: sample.job) == before)
        // At once, whether the server knows already or not.
        try await database.standby.addChain(of: 2, to: sample.blocks)
        let after = try await client.numbers(of: sample.job)
        #expect(after == ["blocks": TableNumbers(5), "logs": TableNumbers(4)])
        #expect(try await eventually { try await client.health().standby == false })
        try await lost.commit()
        let held = try await HeldTransaction(
            AmpDatabase.chainScript(5..<6, of: sample.blocks),
            in: database.standby
        )
        for count in Int64(5)...8 {
            try await database.standby.addChain(of: 1, to: sample.logs)
            let numbers = try await client.numbers(of: sample.job)
            #expect(numbers == ["blocks": TableNumbers(5), "logs": TableNumbers(count)])
        }
        try await held.commit()
        let last = try await client.numbers(of: sample.job)
        #expect(last == ["blocks": TableNumbers(6), "logs": TableNumbers(8)])
    }
}
