import ProgressRPC
import TestSupport
import Testing

@testable import ProgressServer

@Suite("Answers that may be old", .requiresPostgres, .timeLimit(.minutes(2)))
struct StalenessTests {
    @Test func aHeldAnswerIsGivenWithoutALookAndSaysItsAge() async throws {
        let database = try await AmpDatabase.make()
        let job = try await database.addJob()
        let revision = try await database.addTable("blocks", job: job)
        try await withService(.init(conninfo: database.conninfo)) { _, client in
            let current = try #require(try await client.jobProgress(job))
            #expect(!current.hasAgeUs)
            try await database.addChain(of: 1, to: revision)
            let old = try #require(try await client.jobProgress(job, maxStaleness: .seconds(600)))
            // Whether the server's own rounds have met the change by now or not: it is what stood then.
            #expect(old.hasAgeUs)
            #expect(old.version == current.version)
            let fresh = try #require(try await client.jobProgress(job))
            #expect(fresh.tables.first?.filesCount == 1 && !fresh.hasAgeUs)
            #expect(
                try await client.jobProgress(
                    job,
                    knownVersion: Array(fresh.version),
                    maxStaleness: .seconds(600)
                ) == nil
            )
        }
    }

    @Test func whileTheDatabaseIsAwayTheBoundDecides() async throws {
        let cluster = try await TemporaryPostgres.makeCluster()
        let database = AmpDatabase(conninfo: try cluster.makeDatabase(named: "amp"))
        let job = try await database.addJob()
        try await withService(.init(conninfo: database.conninfo)) { _, client in
            let current = try #require(try await client.jobProgress(job))
            try await onThread { cluster.stop() }
            let isAway = try await eventually {
                await rpcError { try await client.jobProgress(job) }?.reason
                    == "DATABASE_UNAVAILABLE"
            }
            #expect(isAway)
            let old = try #require(try await client.jobProgress(job, maxStaleness: .seconds(600)))
            #expect(old.version == current.version && old.ageUs > 0)
            let error = await rpcError {
                try await client.jobProgress(job, maxStaleness: .milliseconds(1))
            }
            #expect(error?.code == .unavailable)
            let never = await rpcError {
                try await client.jobProgress(job + 1, maxStaleness: .seconds(600))
            }
            #expect(never?.code == .unavailable)
            try await onThread { try cluster.start() }
            let isBack = try await eventually {
                (try? await client.jobProgress(job))?.version == current.version
            }
            #expect(isBack)
        }
    }
}
