import Glibc
import ProgressPostgres
import TestSupport
import Testing

@testable import ProgressServer

/// A primary and a standby that follows it.
struct StandbyPair: Sendable {
    /// The pair of a suite with trait ``Testing/Trait/withStandby``.
    @TaskLocal static var current: StandbyPair?

    let primary: TemporaryCluster
    let standby: TemporaryCluster

    static func make() async throws -> Self {
        let primary = try await TemporaryPostgres.makeCluster(
            settings: ["synchronous_commit": "on", "autovacuum": "off"]
        )
        // What is in the way of the replay is cancelled at once.
        let standby = try await primary.makeStandby(
            settings: ["max_standby_streaming_delay": "0"]
        )
        return Self(primary: primary, standby: standby)
    }

    /// A database of the primary, and the same one as the standby has it.
    func makeDatabase(
        _ name: String,
        _ mode: CurrencyTests.Mode
    ) async throws -> FollowedDatabase {
        FollowedDatabase(
            primary: try await AmpDatabase.make(name, in: self.primary, mode),
            standby: AmpDatabase(conninfo: self.standby.conninfo(database: name)),
            replay: AmpDatabase(conninfo: self.standby.conninfo())
        )
    }
}

/// A database of the primary, and the same one as the standby has it.
struct FollowedDatabase: Sendable {
    let primary: AmpDatabase
    let standby: AmpDatabase
    /// A database that the standby had from the start.
    let replay: AmpDatabase

    /// Waits until the standby has replayed all that the primary has written.
    func catchUp() async throws {
        try await self.wait(until: "pg_last_wal_replay_lsn()", reaches: self.writtenPosition())
    }

    /// Waits until the standby has received all that the primary has written.
    func waitUntilReceived() async throws {
        try await self.wait(until: "pg_last_wal_receive_lsn()", reaches: self.writtenPosition())
    }

    /// Stops the replay, and waits until it rests.
    func pauseReplay() async throws {
        try await self.replay.execute("SELECT pg_wal_replay_pause()")
        let isPaused = try await eventually {
            try await self.replay.write {
                try $0.strings("SELECT pg_get_wal_replay_pause_state()") == ["paused"]
            }
        }
        #expect(isPaused)
    }

    func resumeReplay() async throws {
        try await self.replay.execute("SELECT pg_wal_replay_resume()")
    }

    /// How a server reads the standby.
    func configuration(
        allowsStandby: Bool = true
    ) -> ProgressEngine.Configuration {
        var configuration = ProgressEngine.Configuration(conninfo: self.standby.conninfo)
        configuration.allowsStandby = allowsStandby
        return configuration
    }

    /// The end of the primary's log, which is on disk up to there and so on its way.
    private func writtenPosition() async throws -> String {
        try await self.primary.write { session in
            try session.execute("SELECT pg_logical_emit_message(true, 'test', '')")
            return try session.strings("SELECT pg_current_wal_flush_lsn()::text").first??
                .description ?? ""
        }
    }

    private func wait(until position: String, reaches end: String) async throws {
        let hasReached = try await eventually {
            try await self.replay.number(
                "SELECT coalesce(\(position) >= $1::text::pg_lsn, false)::int::bigint",
                [.text(end)]
            ) == 1
        }
        #expect(hasReached, "the standby has not come to \(end)")
    }
}

/// Gives the tests of a suite a ``StandbyPair``.
struct StandbyTrait: SuiteTrait, TestScoping {
    func provideScope(
        for test: Test,
        testCase: Test.Case?,
        performing function: @concurrent @Sendable () async throws -> Void
    ) async throws {
        let pair = try await StandbyPair.make()
        try await StandbyPair.$current.withValue(pair) { try await function() }
        pair.standby.stop()
        pair.primary.stop()
    }
}

extension Trait where Self == StandbyTrait {
    static var withStandby: Self { StandbyTrait() }
}
