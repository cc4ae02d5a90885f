import ProgressChain
import ProgressPostgres
import ProgressRPC
import TestSupport
import Testing

@testable import ProgressServer

@Suite(
    "A standby as the source",
    .requiresPostgres,
    .serialized,
    .withStandby,
    .timeLimit(.minutes(3))
)
struct StandbyTests {
    private let pair: StandbyPair

    init() throws { self.pair = try #require(StandbyPair.current) }

    @Test func itIsRefusedUnlessItIsAllowed() async throws {
        let database = try await self.pair.makeDatabase("refused", .scan)
        try await database.catchUp()
        let observations = Observations()
        try await withService(
            database.configuration(allowsStandby: false),
            observe: observations.record
        ) { _, client in
            let error = await rpcError { try await client.jobProgress(1) }
            #expect(error?.reason == "UNSUPPORTED_DATABASE")
        }
        let lines = observations.all.compactMap { observation -> String? in
            if case .connectFailed(let failure) = observation { failure.message } else { nil }
        }
        #expect(
            lines.first
                == "the PostgreSQL server is a standby, which may lag behind; use the primary, or "
                + "allow it with --allow-standby"
        )
    }

    @Test(arguments: CurrencyTests.Mode.allCases)
    func transactionsInProgressAcrossSnapshotsAreNotMissed(
        _ mode: CurrencyTests.Mode
    ) async throws {
        let database = try await self.pair.makeDatabase("in_progress_\(mode)", mode)
        let sample = try await database.primary.addSampleJob(fileCount: 5)
        let (primary, job) = (database.primary, sample.job)
        try await database.catchUp()
        try await withService(database.configuration()) { engine, client in
            let first = try await client.numbers(of: job)
            #expect(first == ["blocks": TableNumbers(5), "logs": TableNumbers(5)])
            #expect(engine.counts.currency?.rawValue == mode.rawValue)
            let lower = try await HeldTransaction(
                AmpDatabase.chainScript(5..<6, of: sample.blocks),
                in: primary
            )
            let higher = try await HeldTransaction(
                AmpDatabase.chainScript(6..<7, of: sample.blocks),
                in: primary
            )
            try await primary.addChain(of: 1, to: sample.logs)
            try await database.catchUp()
            try await Self.expectThatOnlyThePrimaryTells(database, inProgress: 2)
            let second = try await client.numbers(of: job)
            #expect(second == ["blocks": TableNumbers(5), "logs": TableNumbers(6)])
            // It is not the lowest in progress that ends first.
            try await higher.commit()
            try await primary.addChain(of: 1, to: sample.logs)
            try await database.catchUp()
            let third = try await client.numbers(of: job)
            #expect(third == ["blocks": TableNumbers(5), "logs": TableNumbers(7)])
            try await lower.commit()
            try await database.catchUp()
            let fourth = try await client.numbers(of: job)
            #expect(fourth == ["blocks": TableNumbers(7), "logs": TableNumbers(7)])
            try await primary.execute(
                "DELETE FROM file_metadata WHERE location_id = \(sample.logs)"
            )
            try await primary.execute("UPDATE file_metadata SET object_size = 7")
            try await database.catchUp()
            let fifth = try await client.numbers(of: job)
            #expect(fifth == ["blocks": TableNumbers(7, bytes: 49), "logs": TableNumbers(0)])
        }
    }

    /// Why a standby needs a way of its own: PostgreSQL before 16 does not say there what is in progress.
    private static func expectThatOnlyThePrimaryTells(
        _ database: FollowedDatabase,
        inProgress count: Int
    ) async throws {
        let told = try await [database.primary, database.standby].asyncMap { side in
            try await side.write { session in
                try session.strings("SELECT pg_current_snapshot()::text").first??
                    .split(separator: ":", omittingEmptySubsequences: false) ?? []
            }
        }
        #expect(told[0][2].split(separator: ",").count == count)
        #expect(told[1][2].isEmpty)
        // In progress it is all the same.
        #expect(told[0][0] == told[1][0])
    }

    @Test func aLongTransactionDoesNotMakeRoundsReadAgainWhatTheyHave() async throws {
        let database = try await self.pair.makeDatabase("pinned", .log)
        let sample = try await database.primary.addSampleJob(fileCount: 5)
        try await database.catchUp()
        try await withService(database.configuration()) { engine, client in
            _ = try await client.numbers(of: sample.job)
            let held = try await HeldTransaction(
                AmpDatabase.chainScript(5..<6, of: sample.blocks),
                in: database.primary
            )
            try await database.primary.addChain(of: 3, to: sample.logs)
            try await database.catchUp()
            let before = try await client.numbers(of: sample.job)
            #expect(before["logs"] == TableNumbers(8))
            let rowCount = engine.counts.rowCount
            for _ in 1...5 {
                try await database.primary.execute("UPDATE workers SET heartbeat_at = now()")
                try await database.catchUp()
                #expect(try await client.numbers(of: sample.job) == before)
            }
            #expect(engine.counts.rowCount == rowCount)
            try await database.primary.addChain(of: 1, to: sample.logs)
            try await held.commit()
            try await database.catchUp()
            let after = try await client.numbers(of: sample.job)
            #expect(after == ["blocks": TableNumbers(6), "logs": TableNumbers(9)])
            #expect(engine.counts.rowCount == rowCount + 2)
        }
    }

    @Test func healthTellsHowFarItIsBehind() async throws {
        let database = try await self.pair.makeDatabase("behind", .log)
        let sample = try await database.primary.addSampleJob(fileCount: 1)
        try await database.catchUp()
        var configuration = database.configuration()
        configuration.idleInterval = .milliseconds(10)
        try await withService(configuration) { _, client in
            _ = try await client.numbers(of: sample.job)
            #expect(try await client.health().standby)
            try await database.pauseReplay()
            try await database.primary.addChain(of: 1, to: sample.blocks)
            try await database.waitUntilReceived()
            #expect(try await eventually { try await client.health().replayLagMs > 0 })
            #expect(try await client.numbers(of: sample.job)["blocks"] == TableNumbers(1))
            try await database.resumeReplay()
            try await database.catchUp()
            #expect(try await client.numbers(of: sample.job)["blocks"] == TableNumbers(2))
            #expect(try await eventually { try await client.health().replayLagMs == 0 })
        }
    }

    @Test func aLogThatWasPrunedWhileTheReplayRestedIsNotReliedOn() async throws {
        let database = try await self.pair.makeDatabase("pruned", .log)
        let sample = try await database.primary.addSampleJob(fileCount: 3)
        try await database.catchUp()
        var configuration = database.configuration()
        // Writing and pruning are replayed between two rounds.
        configuration.idleInterval = .seconds(600)
        let observations = Observations()
        try await withService(configuration, observe: observations.record) { engine, client in
            #expect(try await client.numbers(of: sample.job)["blocks"] == TableNumbers(3))
            try await database.pauseReplay()
            try await database.primary.addChain(of: 1, to: sample.blocks)
            let pruner = TrackingPruner(age: .zero, horizonInterval: .zero)
            _ = try await database.primary.track(.prune, pruner: pruner)
            #expect(try await database.primary.logged().isEmpty)
            try await database.resumeReplay()
            try await database.catchUp()
            #expect(try await client.numbers(of: sample.job)["blocks"] == TableNumbers(4))
            #expect(observations.flushReasons.count == 1)
            // That was once: from here on the log is enough.
            try await database.primary.addChain(of: 1, to: sample.blocks)
            try await database.catchUp()
            #expect(try await client.numbers(of: sample.job)["blocks"] == TableNumbers(5))
            #expect(observations.flushReasons.count == 1)
            #expect(engine.counts.flushCount == 1)
        }
    }

    @Test func aReadThatIsInTheWayOfTheReplayIsDoneAgain() async throws {
        let database = try await self.pair.makeDatabase("conflict", .scan)
        let sample = try await database.primary.addSampleJob(fileCount: 3)
        try await database.catchUp()
        let observations = Observations()
        try await withStore(
            database.standby.conninfo,
            allowsStandby: true,
            observations: observations
        ) { store in
            let attempts = Counter()
            async let reading = store.value { connection, limit throws(PostgresError) in
                attempts.increment()
                try connection.run(
                    script: """
                        BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT FROM public.file_metadata
                        """,
                    limit: limit
                )
                if attempts.value == 1 {
                    try connection.run(script: "SELECT pg_sleep(60)", limit: limit)
                }
                try connection.run(script: "COMMIT", limit: limit)
                return attempts.value
            }
            let isReading = try await eventually {
                try await database.standby.number(
                    "SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'PgSleep'"
                ) == 1
            }
            #expect(isReading)
            try await database.primary.execute(
                "DELETE FROM file_metadata WHERE location_id = \(sample.logs)"
            )
            try await database.primary.execute("VACUUM file_metadata")
            try await database.catchUp()
            let attemptCount = try await reading
            #expect(attemptCount == 2)
        }
        let failures = observations.all.filter { if case .readFailed = $0 { true } else { false } }
        #expect(failures.isEmpty, "\(failures)")
    }

    @Test func aSessionThatLedToAnotherServerReadsNothing() async throws {
        let database = try await self.pair.makeDatabase("elsewhere", .scan)
        let sample = try await database.primary.addSampleJob(fileCount: 3)
        try await database.catchUp()
        let table = JobTable(
            name: "blocks",
            dataset: DatasetName(namespace: "eth", name: "main"),
            manifestHash: "h",
            revision: RevisionID(rawValue: sample.blocks)
        )
        try await withStore(database.standby.conninfo, allowsStandby: true) { store in
            for (side, count) in [(database.standby, 3), (database.primary, nil as Int?)] {
                let life = try await side.identity()
                let files = try? await store.value { connection, limit throws(PostgresError) in
                    do throws(ReadFailure) {
                        return try connection.readRevision(
                            of: table,
                            known: RevisionFiles(),
                            life: life,
                            names: NetworkNames(),
                            charge: { _ throws(PostgresError) in },
                            limit: limit
                        )
                    } catch {
                        throw error.cause
                    }
                }
                #expect(files?.fileCount == count)
            }
        }
    }

    @Test(arguments: [SQLState.serializationFailure, .deadlockDetected])
    func whatTheReplayCancelsIsAskedAgainAndNeverTheJobsFault(_ state: SQLState) {
        let failure = ReadFailure(.job, PostgresError(.statementFailed, "conflict", state: state))
        #expect(failure.remedy == .askAgain)
        #expect(failure.storeError.kind == .unavailable)
    }
}

extension PostgresStore {
    /// What `body` reads, on one of the sessions.
    fileprivate func value<Value: Sendable>(
        _ body: @escaping @Sendable (PostgresConnection, WaitLimit) throws(PostgresError) -> Value
    ) async throws -> Value {
        let result = await withCheckedContinuation { continuation in
            self.read("a test's value", before: .now.advanced(by: .seconds(60))) {
                session,
                limit throws(ReadFailure) in
                do throws(PostgresError) {
                    return try body(session.connection, limit)
                } catch {
                    throw ReadFailure(.moment, error)
                }
            } completion: {
                continuation.resume(returning: $0)
            }
        }
        return try result.get()
    }
}

extension Sequence {
    fileprivate func asyncMap<Value>(
        _ transform: (Element) async throws -> Value
    ) async throws -> [Value] {
        var values: [Value] = []
        for element in self { values.append(try await transform(element)) }
        return values
    }
}
