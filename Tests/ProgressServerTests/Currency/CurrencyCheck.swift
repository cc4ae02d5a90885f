import ProgressPostgres
import ProgressRPC
import TestSupport

@testable import ProgressServer

/// Random writers change a database while readers ask a server about it; then every answer is held
/// against what the database was at the moment that the answer names.
///
/// What is done follows from the seed; in which order it happens does not.
struct CurrencyCheck: Sendable {
    var seed: UInt64 = 1
    /// How many answers to check, at least.
    var checks = 20_000
    var writerCount = 6
    /// Readers on each connection, one call in flight each.
    var callsInFlight = 4
    /// Transactions of the writers for each ``Pace/period`` answers.
    var transactionsPerPeriod = 32
    /// Whether the writers truncate `file_metadata`.
    var truncates = false
    var jobCount = 5
    /// Files of a revision at the start.
    var fileCount: Int64 = 20

    /// Fills an empty database, runs writers and readers, and checks what the readers were told.
    ///
    /// - Parameter clients: Of servers on the database, one for each connection.
    func run(
        on database: AmpDatabase,
        through clients: [ProgressClient]
    ) async throws -> CurrencyReport {
        try await database.execute(HistorySchema.script + TrafficSchema.script)
        try await TrafficSchema.populate(
            database,
            jobCount: self.jobCount,
            fileCount: self.fileCount
        )
        let (jobs, before) = try await database.write { session in
            (
                try session.strings("SELECT id::text FROM jobs").compactMap {
                    $0.flatMap(Int64.init)
                },
                try HistorySchema.changes(in: session)
            )
        }
        let traffic = Traffic(jobs: jobs, after: Set(before.map(\.xid)))
        let records = try await self.records(of: database, clients, traffic)
        let history = try await database.write { try HistorySchema.history(in: $0) }
        var report = try CurrencyAudit.report(
            on: records,
            history: history,
            ledger: traffic.ledger,
            seed: self.seed
        )
        report.traffic = traffic.tally
        return report
    }

    private func records(
        of database: AmpDatabase,
        _ clients: [ProgressClient],
        _ traffic: Traffic
    ) async throws -> [AnswerRecord] {
        let pace = try Pace(
            answerGoal: self.checks,
            transactionsPerPeriod: self.transactionsPerPeriod,
            writerCount: self.writerCount
        )
        return try await withThrowingTaskGroup(of: Void.self) { writers in
            for number in 0..<self.writerCount {
                writers.addTask { try await self.write(number, database, traffic, pace) }
            }
            let records = await withTaskGroup(of: [AnswerRecord].self) { readers in
                for reader in 0..<(clients.count * self.callsInFlight) {
                    readers.addTask {
                        var reader = CurrencyReader(
                            client: clients[reader % clients.count],
                            connection: reader % clients.count,
                            traffic: traffic,
                            pace: pace,
                            random: SplitMix64(seed: self.seed &* 1_000 &+ UInt64(reader))
                        )
                        return await reader.run()
                    }
                }
                return await readers.reduce(into: []) { $0 += $1 }
            }
            pace.stop()
            try await writers.waitForAll()
            return records
        }
    }

    private func write(
        _ number: Int,
        _ database: AmpDatabase,
        _ traffic: Traffic,
        _ pace: Pace
    ) async throws {
        try await DedicatedThread.run(named: "test-writer") {
            var writer = try RandomWriter(
                conninfo: database.conninfo,
                traffic: traffic,
                truncates: self.truncates,
                seed: self.seed &* 1_000 &+ 500 &+ UInt64(number)
            )
            while pace.permitTransaction(of: number) { writer.act() }
        }
    }
}
