import ProgressPostgres
import ProgressRPC
import SwiftProtobuf
import Synchronization
import TestSupport
import Testing

@testable import ProgressServer

@Suite("What manifests make of tables", .requiresPostgres, .timeLimit(.minutes(2)))
struct ManifestRulesTests {
    /// A job with table `blocks` from block `10 * place` on and table `logs` from 0 on, of three files
    /// each.
    private static func makeJob(
        _ database: AmpDatabase,
        firstPlace place: Int64
    ) async throws -> Int64 {
        let job = try await database.addJob()
        let blocks = try await database.addTable("blocks", job: job)
        let logs = try await database.addTable("logs", job: job)
        try await database.execute(AmpDatabase.chainScript(place..<place + 3, of: blocks))
        try await database.addChain(of: 3, to: logs)
        return job
    }

    private static func catalog(_ tables: Set<String>, startBlock: UInt64?) -> ManifestCatalog {
        let catalog = ManifestCatalog()
        _ = catalog.insert(Manifest(tables: tables, startBlock: startBlock), hash: "h")
        return catalog
    }

    private static func serve(
        _ database: AmpDatabase,
        _ catalog: ManifestCatalog?,
        cacheByteLimit: Int = 512 << 20,
        observations: Observations = Observations(),
        _ body: @Sendable (ProgressEngine, ProgressClient) async throws -> Void
    ) async throws {
        var configuration = ProgressEngine.Configuration(conninfo: database.conninfo)
        configuration.manifests = catalog
        configuration.cacheByteLimit = cacheByteLimit
        try await withService(configuration, observe: observations.record, body)
    }

    @Test func aTableThatIsNotListedIsLeftOutOfEachAnswer() async throws {
        let database = try await AmpDatabase.make()
        let job = try await Self.makeJob(database, firstPlace: 0)
        let catalog = Self.catalog(["logs", "calls"], startBlock: nil)
        try await Self.serve(database, catalog) { _, client in
            let progress = try await client.jobProgress(job)
            #expect(progress?.tables.map(\.name) == ["logs"])
            let batch = try await client.jobProgressBatch([.with { $0.jobID = job }])
            #expect(batch.changed.first?.tables.map(\.name) == ["logs"])
            let full = try await client.outlook(of: job)
            #expect(full.tables.map(\.name) == ["logs"])
            #expect(full.outlook.tables.map(\.name) == ["logs"])
            let one = try await client.job(job)
            #expect(one.job.tables == ["logs"])
            let page = try await client.jobs()
            #expect(page.jobs.map(\.tables) == [["logs"]])
            let statistics = try await client.stats()
            #expect(statistics.cache["manifests"] == 1)
        }
        try await Self.serve(database, nil) { _, client in
            let progress = try await client.jobProgress(job)
            #expect(progress?.tables.map(\.name) == ["blocks", "logs"])
            let statistics = try await client.stats()
            #expect(statistics.cache["manifests"] == nil)
        }
    }

    @Test(arguments: [(9, false), (10, true), (11, true), (0, false)] as [(UInt64, Bool)])
    func aRawTableThatBeginsAboveTheFirstBlockHasNoData(
        _ startBlock: UInt64,
        _ hasData: Bool
    ) async throws {
        let database = try await AmpDatabase.make()
        let job = try await Self.makeJob(database, firstPlace: 1)
        let catalog = Self.catalog(["blocks", "logs"], startBlock: startBlock)
        try await Self.serve(database, catalog) { _, client in
            let progress = try #require(try await client.jobProgress(job))
            let full = try await client.outlook(of: job)
            #expect(full.tables == progress.tables)
            let blocks = try #require(progress.tables.first)
            #expect(blocks.name == "blocks" && blocks.hasStartBlock == hasData)
            #expect(blocks.filesCount == (hasData ? 3 : 0))
            #expect(blocks.totalSizeBytes == (hasData ? 300 : 0))
            #expect(blocks.hasCurrentBlock == hasData)
            #expect(progress.tables.last?.currentBlock == 29)
            // What is missing tells why.
            let outlook = try #require(full.outlook.tables.first)
            let missing = outlook.missing.ranges.map { [$0.startBlock, $0.endBlock] }
            #expect(missing == (hasData ? [] : [[startBlock, 9]]))
            #expect(!outlook.hasPercent)
        }
    }

    @Test func aJobWithoutAListedTableInScopeIsToldToNobody() async throws {
        let database = try await AmpDatabase.make()
        let job = try await database.addJob(dataset: "eth/main")
        _ = try await database.addTable("blocks", of: "base/main", job: job)
        for (listed, count) in [("blocks", 1), ("logs", 0)] {
            var configuration = ProgressEngine.Configuration(conninfo: database.conninfo)
            configuration.manifests = Self.catalog([listed], startBlock: nil)
            try await withService(configuration, role: .gateway) { _, client in
                let scope = CallOptions(scope: .datasets("base/"))
                let jobs = try await client.jobs(options: scope).jobs
                #expect(jobs.count == count)
                let events = await rpcError {
                    try await client.jobEvents(.with { $0.jobID = job }, options: scope)
                }
                let progress = await rpcError { try await client.jobProgress(job, options: scope) }
                let one = await rpcError { try await client.job(job, options: scope) }
                for error in [events, progress, one] {
                    #expect(error?.reason == (count == 0 ? "JOB_NOT_FOUND" : nil))
                }
            }
        }
    }

    @Test func anotherDatasetMayBeginAnywhere() async throws {
        let database = try await AmpDatabase.make()
        let job = try await Self.makeJob(database, firstPlace: 5)
        let catalog = Self.catalog(["blocks", "logs"], startBlock: nil)
        try await Self.serve(database, catalog) { _, client in
            let tables = try #require(try await client.jobProgress(job)).tables
            #expect(tables.map(\.startBlock) == [50, 0] && tables.map(\.filesCount) == [3, 3])
        }
    }

    @Test func whatDoesNotFitIntoTheCacheIsToldByTheSameRules() async throws {
        let database = try await AmpDatabase.make()
        let job = try await Self.makeJob(database, firstPlace: 1)
        try await database.execute(
            AmpDatabase.chainScript(
                3..<20_003,
                of: try await database.write {
                    try $0.int64("SELECT max(id) FROM physical_table_revisions")
                }
            )
        )
        let catalog = Self.catalog(["blocks", "logs"], startBlock: 0)
        try await Self.serve(database, catalog, cacheByteLimit: 1 << 20) { engine, client in
            let tables = try #require(try await client.jobProgress(job)).tables
            #expect(tables.map(\.filesCount) == [0, 20_003])
            #expect(engine.context.directReadCount.load(ordering: .relaxed) > 0)
        }
    }

    @Test(arguments: [true, false])
    func aManifestThatComesUnderTheRunningServerCounts(_ isTracked: Bool) async throws {
        let database = try await AmpDatabase.make()
        if isTracked { _ = try await database.track(.install(readers: [])) }
        let job = try await Self.makeJob(database, firstPlace: 0)
        let catalog = ManifestCatalog()
        let observations = Observations()
        try await Self.serve(database, catalog, observations: observations) { engine, client in
            let first = try #require(try await client.jobProgress(job))
            #expect(first.tables.map(\.name) == ["blocks", "logs"])
            let missing = observations.all.contains { observation in
                if case .manifestMissing("h") = observation { true } else { false }
            }
            #expect(missing)
            async let changed = client.jobProgress(
                job,
                knownVersion: Array(first.version),
                wait: .seconds(30)
            )
            #expect(try await eventually { engine.watcherCount == 1 })
            _ = catalog.insert(Manifest(tables: ["logs"], startBlock: nil), hash: "h")
            engine.manifestsChanged()
            let second = try #require(try await changed)
            #expect(second.tables.map(\.name) == ["logs"])
            let third = try #require(try await client.jobProgress(job))
            #expect(third.tables == second.tables && third.version == second.version)
        }
    }
}
