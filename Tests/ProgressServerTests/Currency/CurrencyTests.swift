import Synchronization
import TestSupport
import Testing

@testable import ProgressServer

@Suite("Answers are current and of one moment", .requiresPostgres, .timeLimit(.minutes(10)))
struct CurrencyTests {
    /// How what is held is kept current, and how the database was prepared for it.
    enum Mode: String, CaseIterable, CustomTestStringConvertible {
        case log
        case scan

        var testDescription: String { self.rawValue }
    }

    @Test(arguments: Mode.allCases)
    func everyAnswerIsTheTruthOfItsMoment(_ mode: Mode) async throws {
        var check = CurrencyCheck(seed: mode == .log ? 1 : 2, checks: 20_000)
        check.truncates = true
        let report = try await Self.report(of: check, mode)
        #expect(report.isClean, "\(report)")
        // The run had something to find: many states, and answers that had not changed.
        #expect(report.answerCount >= check.checks)
        #expect(report.distinctAnswerCount > 500, "\(report)")
        #expect(report.notModifiedCount > 0 && report.notFoundCount > 0, "\(report)")
        #expect(report.traffic.committedCount > 1_000 && report.traffic.rolledBackCount > 0)
        #expect(report.uncheckedCount < report.answerCount / 50, "\(report)")
    }

    @Test func aCacheTooSmallForAllIsExactToo() async throws {
        var check = CurrencyCheck(seed: 4, checks: 3_000)
        check.truncates = true
        let report = try await Self.report(of: check, .log) { $0.cacheByteLimit = 96 << 10 }
        #expect(report.isClean, "\(report)")
    }

    @Test(
        "A mistake in keeping current is found",
        arguments: [
            (Mode.log, ValidationFaults.dropsInProgress), (.log, .ignoresDeletes),
            (.log, .ignoresJobs), (.log, .ignoresPlans), (.log, .joinsRunningRound),
            (.scan, .comparesCounts),
        ]
    )
    func aFaultIsFound(_ row: (mode: Mode, fault: ValidationFaults)) async throws {
        let check = CurrencyCheck(seed: 3, checks: 4_000)
        let report = try await Self.report(of: check, row.mode) { $0.faults = row.fault }
        let wrongCount = report.mismatchCount + report.count(of: .missedCommit)
        #expect(wrongCount > 0, "\(report)")
    }

    private static func report(
        of check: CurrencyCheck,
        _ mode: Mode,
        configure: (inout ProgressEngine.Configuration) -> Void = { _ in }
    ) async throws -> CurrencyReport {
        let database = try await AmpDatabase.make()
        if mode == .log { _ = try await database.track(.install(readers: [])) }
        var configuration = ProgressEngine.Configuration(conninfo: database.conninfo)
        configure(&configuration)
        return try await withService(configuration, connectionCount: 3) { engine, clients in
            let report = try await check.run(on: database, through: clients)
            let currency = engine.context.statistics.withLock { $0.currency }
            #expect(currency?.rawValue == mode.rawValue)
            return report
        }
    }
}
