import ProgressPostgres
import Synchronization
import TestSupport
import Testing

@testable import ProgressServer

@Suite("The server prunes the log if it may", .requiresPostgres, .timeLimit(.minutes(1)))
struct LogPruningTests {
    /// At once: every horizon is old enough.
    private static let eager = TrackingPruner(age: .zero, horizonInterval: .zero)

    @Test func aRoleThatMayDeleteDoes() async throws {
        let database = try await AmpDatabase.makeTracked()
        try await database.execute("DELETE FROM file_metadata WHERE id = 1")
        #expect(try await Self.rowCount(database) > 0)
        let observations = Observations()
        let pruning = LogPruning(
            conninfo: database.conninfo,
            pruner: Self.eager,
            observe: observations.record
        )
        // The first run notes the horizon, the second deletes what is below it.
        for _ in 1...2 { await pruning.pruneOnce() }
        #expect(try await Self.rowCount(database) == 0)
        #expect(observations.all.isEmpty)
    }

    @Test func aRoleThatMayOnlyReadLeavesItAlone() async throws {
        let cluster = try await TemporaryPostgres.makeCluster()
        let database = AmpDatabase(conninfo: try cluster.makeDatabase(named: "amp"))
        try await database.execute("CREATE ROLE reader LOGIN")
        _ = try await database.track(.install(readers: ["reader"]))
        _ = try await database.addJob()
        let before = try await Self.rowCount(database)
        #expect(before > 0)
        let observations = Observations()
        let pruning = LogPruning(
            conninfo: cluster.conninfo(database: "amp") + " user=reader",
            pruner: Self.eager,
            observe: observations.record
        )
        for _ in 1...2 { await pruning.pruneOnce() }
        #expect(try await Self.rowCount(database) == before)
        #expect(observations.all.isEmpty)
    }

    @Test func withoutTrackingOrWithoutADatabaseNothingHappens() async throws {
        let observations = Observations()
        let database = try await AmpDatabase.make()
        await LogPruning(conninfo: database.conninfo, observe: observations.record).pruneOnce()
        #expect(observations.all.isEmpty)
        await LogPruning(conninfo: "host=/nonexistent", observe: observations.record).pruneOnce()
        #expect(observations.all.count == 1)
    }

    private static func rowCount(_ database: AmpDatabase) async throws -> Int64 {
        try await database.write { try $0.int64("SELECT count(*) FROM progress.log") }
    }
}
