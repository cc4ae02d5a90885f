import ProgressRPC
import SwiftProtobuf
import TestSupport
import Testing

@testable import ProgressServer

/// Rows that v0.0.35 wrote, in the shape that each later state of Amp gave them.
@Suite("A database of Amp after each upgrade", .requiresPostgres, .timeLimit(.minutes(2)))
struct UpgradedDatabaseTests {
    static let stages: [AmpUpgrade?] = [nil] + AmpUpgrade.allCases.map(Optional.some)
    static let eras: [AmpUpgrade?] = [
        nil, .newWordForFailed, .events, .jobsStatus, .idempotencyKey, .withoutStaleColumns,
    ]

    /// The status that job 2 has, which v0.0.35 called FAILED.
    private static func failed(_ stage: AmpUpgrade?) -> String {
        switch stage {
        case nil, .revisions: "FAILED"
        case .newWordForFailed: "FAILED_RECOVERABLE"
        default: "ERROR"
        }
    }

    private static func make(_ stage: AmpUpgrade?) async throws -> AmpDatabase {
        let database = try await AmpDatabase.make(
            statuses: ["RUNNING", "FAILED", "COMPLETED", "SCHEDULED"],
            upgradedThrough: stage
        )
        try await database.addChain(of: 3, to: 1)
        return database
    }

    /// The jobs of which the database says what they were scheduled for.
    private static func described(_ stage: AmpUpgrade?) -> [Int64] {
        // That move took along what there was a scheduling for.
        if let stage, stage >= .idempotencyKey { [4] } else { [1, 2, 3, 4] }
    }

    @Test(arguments: stages)
    func jobsAreToldAsTheyStand(_ stage: AmpUpgrade?) async throws {
        let database = try await Self.make(stage)
        try await withService(database) { client in
            let listed = try await client.jobs().jobs
            #expect(listed.map(\.id) == [4, 3, 2, 1])
            let statuses = ["SCHEDULED", "COMPLETED", Self.failed(stage), "RUNNING"]
            #expect(listed.map(\.status) == statuses)
            #expect(listed.map(\.tables) == [[], [], [], ["blocks"]])
            #expect(listed.allSatisfy { $0.nodeID == "n" && $0.updatedAtUs > 0 })
            let described = Self.described(stage)
            for job in listed {
                let isDescribed = described.contains(job.id)
                #expect(job.descriptorJson.hasPrefix(#"{"Dump":{"#) == isDescribed)
                #expect(job.hasDescriptorJson == isDescribed)
                #expect((job.datasetName == "main") == isDescribed)
                #expect(try await client.job(job.id).job == job)
            }
            let found = try await client.jobs(.page(statuses: [Self.failed(stage)])).jobs
            #expect(found.map(\.id) == [2])
            let ofDataset = try await client.datasetJobs(.of("eth", "main", "0.0.0"))
            #expect(ofDataset.jobs.map(\.id) == described)
            #expect(ofDataset.jobs == listed.reversed().filter { described.contains($0.id) })
            let absent = await rpcError { try await client.job(5) }
            #expect(absent?.reason == "JOB_NOT_FOUND")
            let health = try await client.health()
            #expect(health.schemaEra == stage?.era ?? "C")
        }
    }

    @Test(arguments: eras)
    func progressIsToldInBothViews(_ stage: AmpUpgrade?) async throws {
        let database = try await Self.make(stage)
        try await withService(database) { client in
            let running = try #require(try await client.jobProgress(1))
            #expect(running.jobStatus == "RUNNING" && running.tables.map(\.name) == ["blocks"])
            #expect(running.tables.first?.filesCount == 3)
            #expect(running.tables.first?.currentBlock == 29)
            let failed = try #require(try await client.jobProgress(2))
            // What those releases knew of a failure was not kept.
            #expect(failed.jobStatus == Self.failed(stage) && !failed.hasDetailJson)
            let full = try await client.fullJobProgress(1)
            #expect(full.tables == running.tables)
            let isDescribed = Self.described(stage).contains(1)
            #expect(full.outlook.datasetName == (isDescribed ? "main" : ""))
            #expect(full.outlook.tables.first?.manifestHash == OlderEra.sampleHash)
            try await database.addChain(of: 1, to: 1)
            let next = try await client.jobProgress(1)
            #expect(next?.tables.first?.filesCount == 4)
        }
    }

    @Test(arguments: eras)
    func eventsAreThoseThatTheUpgradesMade(_ stage: AmpUpgrade?) async throws {
        let database = try await Self.make(stage)
        let types =
            if let stage, stage >= .events {
                ["RUNNING", "ERROR", "COMPLETED", "SCHEDULED"]
            } else { [String]() }
        try await withService(database) { client in
            for id in 1...4 as ClosedRange<Int64> {
                let events = try await client.jobEvents(.with { $0.jobID = id }).events
                guard !types.isEmpty else {
                    #expect(events.isEmpty)
                    let error = await rpcError { try await client.jobEvent(1, of: id) }
                    #expect(error?.reason == "EVENT_NOT_FOUND")
                    continue
                }
                #expect(events.map(\.id) == [id] && events.map(\.eventType) == [types[Int(id) - 1]])
                let event = try await client.jobEvent(id, of: id).event
                let isMoved = stage.map { $0 >= .idempotencyKey } ?? false
                #expect(event.hasDetailJson == (isMoved && id == 4))
                var listed = event
                listed.clearDetailJson()
                #expect(events == [listed])
            }
            let absent = await rpcError { try await client.jobEvents(.with { $0.jobID = 5 }) }
            #expect(absent?.reason == "JOB_NOT_FOUND")
        }
    }

    @Test(arguments: eras)
    func scopesHold(_ stage: AmpUpgrade?) async throws {
        let database = try await Self.make(stage)
        try await withService(database, role: .gateway) { client in
            let own = CallOptions(scope: .datasets("eth/"))
            // By its table a job is of a dataset whatever its descriptor says.
            let ids = Set(Self.described(stage) + [1])
            let seen = try await client.jobs(options: own).jobs
            #expect(Set(seen.map(\.id)) == ids)
            let foreign = CallOptions(scope: .datasets("base/"))
            #expect(try await client.jobs(options: foreign).jobs.isEmpty)
            for id in 1...4 as ClosedRange<Int64> {
                let error = await rpcError { try await client.job(id, options: own) }
                #expect((error == nil) == ids.contains(id))
                let hidden = await rpcError {
                    try await client.jobEvents(.with { $0.jobID = id }, options: foreign)
                }
                #expect(hidden?.reason == "JOB_NOT_FOUND")
            }
        }
    }

    /// As Solana's files up to v0.0.35; later releases of Amp refuse them.
    @Test(arguments: eras)
    func aFileWithoutThePreviousHashLinksToNothingAndHeadsNoFork(_ stage: AmpUpgrade?) async throws
    {
        let database = try await AmpDatabase.make(upgradedThrough: stage)
        let files: [(start: Int, end: Int, hash: String, previous: String?)] = [
            (0, 9, "1", nil), (10, 19, "2", "1"),
            // Behind the chain, over its end, and one that follows the latter.
            (20, 29, "3", nil), (15, 39, "4", nil), (40, 49, "5", "4"),
        ]
        for file in files {
            let previous = file.previous.map { "\"\(Self.hash($0))\"" } ?? "null"
            _ = try await database.addFile(
                """
                {"table": "blocks", "filename": "f", "created_at": {"secs": 1, "nanos": 0},
                 "ranges": [{"numbers": {"start": \(file.start), "end": \(file.end)},
                             "network": "solana-mainnet", "prev_hash": \(previous),
                             "hash": "\(Self.hash(file.hash))"}]}
                """,
                to: 1
            )
        }
        try await withService(database) { client in
            let progress = try await client.jobProgress(1)
            #expect(progress?.tables.first?.filesCount == 2)
            #expect(progress?.tables.first?.startBlock == 0)
            #expect(progress?.tables.first?.currentBlock == 19)
            let full = try await client.fullJobProgress(1)
            #expect(full.tables == progress?.tables)
            let outlook = try #require(full.outlook.tables.first)
            #expect(!outlook.hasFork && outlook.forkFiles == 0)
            // Nothing before it is to be fetched again.
            #expect(outlook.hasMissing && outlook.missing.ranges.isEmpty)
        }
    }

    private static func hash(_ digit: String) -> String {
        "0x" + String(repeating: digit, count: 64)
    }
}
