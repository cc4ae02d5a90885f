import FoundationEssentials
import Logging
import NIOCore
import ProgressPostgres
import ProgressRPC
import ServiceLifecycle
import TestSupport
import Testing

@testable import ProgressServer

@Suite("A server that starts again", .requiresPostgres, .timeLimit(.minutes(3)))
struct RestartTests {
    private let state: StateDirectory

    init() throws { self.state = try StateDirectory() }

    @Test(arguments: CurrencyTests.Mode.allCases)
    func itReadsWhatChangedMeanwhileAndNothingElse(_ mode: CurrencyTests.Mode) async throws {
        let database = try await Self.makeDatabase(mode)
        let sample = try await database.addSampleJob(fileCount: 50)
        let first = try await self.life(on: database) { engine, client in
            let numbers = try await client.numbers(of: sample.job)
            #expect(engine.counts.rowCount == 100 && engine.counts.restoredCount == 0)
            return numbers
        }
        #expect(first == ["blocks": TableNumbers(50), "logs": TableNumbers(50)])
        try await self.life(on: database) { engine, client in
            let numbers = try await client.numbers(of: sample.job)
            #expect(numbers == first)
            #expect(engine.counts.restoredCount == 100)
            #expect(engine.counts.rowCount == 0)
        }
        try await Self.changeRows(of: sample, in: database)
        try await self.life(on: database) { engine, client in
            let last = try await client.numbers(of: sample.job)
            #expect(
                last == [
                    "blocks": TableNumbers(52, bytes: 51 * 100 + 777),
                    "logs": TableNumbers(49, bytes: 48 * 100 + 5),
                ]
            )
            #expect(engine.counts.restoredCount == 100)
            #expect(engine.counts.rowCount == 4)
            #expect(engine.counts.currency?.rawValue == mode.rawValue)
        }
    }

    /// Two files come, one goes, one changes in its place, and one comes again in place of itself.
    private static func changeRows(of sample: SampleJob, in database: AmpDatabase) async throws {
        let oldest = "file_name = '000000000.parquet'"
        try await database.execute(AmpDatabase.chainScript(50..<52, of: sample.blocks))
        try await database.execute(
            """
            DELETE FROM file_metadata
             WHERE location_id = \(sample.logs) AND file_name = '000000049.parquet'
            """
        )
        try await database.execute(
            """
            UPDATE file_metadata SET object_size = 777
             WHERE location_id = \(sample.blocks) AND \(oldest)
            """
        )
        try await database.execute(
            """
            CREATE TEMPORARY TABLE kept AS
                SELECT * FROM file_metadata WHERE location_id = \(sample.logs) AND \(oldest);
            UPDATE kept SET object_size = 5;
            DELETE FROM file_metadata WHERE location_id = \(sample.logs) AND \(oldest);
            INSERT INTO file_metadata OVERRIDING SYSTEM VALUE SELECT * FROM kept;
            """
        )
    }

    @Test func aGracefulShutdownLeavesAnArchiveToo() async throws {
        let database = try await AmpDatabase.make()
        let sample = try await database.addSampleJob(fileCount: 5)
        var configuration = self.configuration(database)
        // Once when something was read, and not again before the end.
        configuration.idleInterval = .seconds(600)
        configuration.archiveInterval = .seconds(600)
        let engine = try ProgressEngine(
            configuration,
            render: ProgressAnswer.render(observe: { _ in }),
            serverEpoch: { 1 },
            observe: { _ in }
        )
        let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        let group = ServiceGroup(services: [engine], logger: logger)
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            tasks.addTask { try await group.run() }
            let body = await engine.answer(to: sample.job)
            #expect(body != nil)
            #expect(try await eventually { self.state.archiveMark != nil })
            let first = self.state.archiveMark
            await group.triggerGracefulShutdown()
            try await tasks.waitForAll()
            #expect(self.state.archiveMark != first)
        }
    }

    enum Damage: CaseIterable {
        case truncated
        case flipped
        case replaced
        case foreign
    }

    @Test(arguments: Damage.allCases)
    func anArchiveOfNoUseIsIgnoredWithOneObservation(_ damage: Damage) async throws {
        let database = try await AmpDatabase.make()
        let sample = try await database.addSampleJob(fileCount: 20)
        let expected = ["blocks": TableNumbers(20), "logs": TableNumbers(20)]
        let writer = damage == .foreign ? try await AmpDatabase.make() : database
        let written = damage == .foreign ? try await writer.addSampleJob(fileCount: 30) : sample
        try await self.life(on: writer) { _, client in
            _ = try await client.numbers(of: written.job)
        }
        try self.apply(damage)
        let observations = Observations()
        try await self.life(on: database, observations) { engine, client in
            let numbers = try await client.numbers(of: sample.job)
            #expect(numbers == expected)
            #expect(engine.counts.restoredCount == 0)
            #expect(engine.counts.rowCount == 40)
        }
        #expect(observations.archiveComplaints.count == 1, "\(observations.archiveComplaints)")
        try await self.life(on: database) { engine, client in
            let numbers = try await client.numbers(of: sample.job)
            #expect(numbers == expected)
            #expect(engine.counts.restoredCount == 40)
        }
    }

    private func apply(_ damage: Damage) throws {
        let url = URL(filePath: self.state.archivePath)
        var bytes = try Data(contentsOf: url)
        switch damage {
        case .truncated: bytes.removeLast(bytes.count / 3)
        case .flipped: bytes[bytes.count / 2] ^= 0x10
        case .replaced: bytes = Data("an archive of something else".utf8)
        case .foreign: return
        }
        try bytes.write(to: url)
    }

    @Test func anArchiveDoesNotOutliveThePostgresThatItIsOf() async throws {
        let cluster = try await TemporaryPostgres.makeCluster()
        let database = try await AmpDatabase.make("amp", in: cluster, .log)
        let sample = try await database.addSampleJob(fileCount: 5)
        try await self.life(on: database) { _, client in
            _ = try await client.numbers(of: sample.job)
        }
        try await onThread {
            cluster.stop()
            try cluster.start()
        }
        let observations = Observations()
        try await self.life(on: database, observations) { engine, client in
            let numbers = try await client.numbers(of: sample.job)
            #expect(numbers == ["blocks": TableNumbers(5), "logs": TableNumbers(5)])
            #expect(engine.counts.restoredCount == 0)
        }
        #expect(observations.archiveComplaints.count == 1)
        #expect(observations.archiveComplaints.first?.contains("started at") == true)
    }

    private static func makeDatabase(_ mode: CurrencyTests.Mode) async throws -> AmpDatabase {
        let database = try await AmpDatabase.make()
        if mode == .log { _ = try await database.track(.install(readers: [])) }
        return database
    }

    private func configuration(_ database: AmpDatabase) -> ProgressEngine.Configuration {
        var configuration = ProgressEngine.Configuration(conninfo: database.conninfo)
        configuration.stateDirectory = self.state.path
        return configuration
    }

    /// One life of a server with the state directory, from its start to its end.
    @discardableResult
    private func life<Value: Sendable>(
        on database: AmpDatabase,
        _ observations: Observations = Observations(),
        _ body: @Sendable (ProgressEngine, ProgressClient) async throws -> Value
    ) async throws -> Value {
        let value = try await withService(
            self.configuration(database),
            observe: observations.record,
            body
        )
        #expect(try await self.state.waitUntilFree())
        return value
    }
}

extension ProgressEngine {
    /// The answer for one job, without a socket; `nil` if it fails.
    fileprivate func answer(to job: Int64) async -> Int? {
        guard let id = JobID(rawValue: job) else { return nil }
        return await withCheckedContinuation { continuation in
            let request = ProgressRequest(
                .one(KnownJob(job: id)),
                scope: .everything,
                before: .now.advanced(by: .seconds(30))
            ) { reply in
                if case .body(let body) = reply {
                    continuation.resume(returning: body.readableBytes)
                } else {
                    continuation.resume(returning: nil)
                }
            }
            self.ask(request)
            self.answerWaiting()
        }
    }
}
