import ProgressPostgres
import TestSupport
import Testing

@testable import ProgressServer

@Suite("Pruning the log", .requiresPostgres, .timeLimit(.minutes(2)))
struct TrackingPrunerTests {
    /// Logs `count` rows, each in a transaction of its own.
    func log(_ count: Int, in database: AmpDatabase) async throws {
        try await database.write { session in
            for _ in 1...count {
                try session.execute("UPDATE jobs_status SET detail = NULL WHERE job_id = 1")
            }
        }
    }

    func count(_ table: String, in database: AmpDatabase) async throws -> Int64 {
        try await database.number("SELECT count(*) FROM progress.\(table)")
    }

    /// Lets the horizons look as if they had been noted earlier.
    func age(_ database: AmpDatabase, byMinutes minutes: Int) async throws {
        try await database.execute(
            "UPDATE progress.horizon SET taken_at = taken_at - interval '\(minutes) minutes'"
        )
    }

    @Test func onlyRowsBelowAHorizonThatIsOldEnoughGo() async throws {
        let database = try await AmpDatabase.makeTracked()
        try await self.log(3, in: database)
        #expect(try await database.track(.prune) == "removed 0 log rows")
        try await self.log(2, in: database)
        try await self.age(database, byMinutes: 9)
        #expect(try await database.track(.prune) == "removed 0 log rows")
        try await self.age(database, byMinutes: 1)
        // The rows of the first three statements are below the first horizon; the last two are not.
        #expect(try await database.track(.prune) == "removed 3 log rows")
        #expect(try await self.count("log", in: database) == 2)
        try await self.age(database, byMinutes: 11)
        #expect(try await database.track(.prune) == "removed 2 log rows")
    }

    @Test func aTransactionThatIsOpenKeepsWhatIsLoggedSince() async throws {
        let database = try await AmpDatabase.makeTracked()
        try await self.log(1, in: database)
        let pruner = TrackingPruner(age: .zero, horizonInterval: .zero)
        let lock = try await OpenTransaction(in: database)
        try await self.log(2, in: database)
        #expect(try await database.track(.prune, pruner: pruner) == "removed 1 log rows")
        try await lock.end()
        #expect(try await database.track(.prune, pruner: pruner) == "removed 2 log rows")
    }

    @Test func horizonsAreAtMostOneAMinuteAndTheUsedOneIsTheOldest() async throws {
        let database = try await AmpDatabase.makeTracked()
        for _ in 1...3 { _ = try await database.track(.prune) }
        // That of the installation, too.
        #expect(try await self.count("horizon", in: database) == 2)
        for _ in 1...15 {
            try await self.age(database, byMinutes: 1)
            _ = try await database.track(.prune)
            _ = try await self.log(1, in: database)
        }
        // Those of the last ten minutes, and the newest before.
        #expect(try await self.count("horizon", in: database) == 11)
        let kept = try await database.number(
            """
            SELECT count(*) FROM progress.log
             WHERE xid < (SELECT xid FROM progress.horizon ORDER BY xid LIMIT 1)
            """
        )
        #expect(kept == 0, "all below the oldest horizon is gone")
    }

    @Test func batchesAndRunsAreBounded() async throws {
        let database = try await AmpDatabase.makeTracked()
        try await self.log(7, in: database)
        var pruner = TrackingPruner(age: .zero, horizonInterval: .zero)
        (pruner.batchRowCount, pruner.batchLimit) = (2, 3)
        // One of the three finds no foreign rows.
        #expect(
            try await database.track(.prune, pruner: pruner)
                == "removed 4 log rows; there are more, run it again"
        )
        #expect(try await database.track(.prune, pruner: pruner) == "removed 3 log rows")
    }

    @Test func whatAnotherClusterLeftBehindGoesAndMisleadsNobody() async throws {
        let database = try await AmpDatabase.makeTracked()
        try await database.execute(
            """
            INSERT INTO progress.horizon VALUES (now() - interval '1 day', '4000000000000');
            INSERT INTO progress.log (xid, kind, key) VALUES ('4000000000000', 'J', 1), ('3', 'J', 2);
            """
        )
        try await self.log(1, in: database)
        // The one that is yet to come, and the one from before the installation.
        #expect(try await database.track(.prune) == "removed 2 log rows")
        #expect(try await database.logged() == ["J 1"])
    }

    @Test func aServerMayPruneWithTheRightsThatAreDocumented() async throws {
        let database = try await AmpDatabase.makeTracked()
        let role = try await database.makeRole(
            "GRANT USAGE ON SCHEMA progress TO",
            "GRANT SELECT, DELETE ON progress.log TO",
            "GRANT SELECT, INSERT, DELETE ON progress.horizon TO"
        )
        try await self.log(1, in: database)
        let server = AmpDatabase(conninfo: "\(database.conninfo) user=\(role)")
        let pruner = TrackingPruner(age: .zero, horizonInterval: .zero)
        #expect(try await server.track(.prune, pruner: pruner) == "removed 1 log rows")
    }
}

/// A transaction that has a number and stays open.
private final class OpenTransaction: Sendable {
    private let lock: TableLock

    init(in database: AmpDatabase) async throws {
        try await database.execute("CREATE TABLE IF NOT EXISTS public.held (n int)")
        // An exclusive lock is logged for standbys, which gives the transaction its number.
        self.lock = try await TableLock(on: "public.held", in: database)
    }

    func end() async throws { try await self.lock.release() }
}
