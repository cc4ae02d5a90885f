import ProgressRPC
import Synchronization
import TestSupport
import Testing

@testable import ProgressServer

@Suite("Work that is shared, and bounded", .requiresPostgres, .timeLimit(.minutes(2)))
struct SharedWorkTests {
    @Test func manyCallersOfAColdJobCauseOneLoad() async throws {
        let database = try await AmpDatabase.make()
        let job = try await database.addJob()
        let revision = try await database.addTable("blocks", job: job)
        try await database.addChain(of: 2_000, to: revision)
        try await withService(.init(conninfo: database.conninfo)) { engine, client in
            try await withThrowingTaskGroup(of: Int64?.self) { group in
                for _ in 1...100 {
                    group.addTask { try await client.jobProgress(job)?.tables.first?.filesCount }
                }
                for try await count in group { #expect(count == 2_000) }
            }
            #expect(engine.counts.loadCount == 1)
            #expect(engine.counts.roundCount < 100)
        }
    }

    @Test func aChangedFileCostsItsRowAndNoLoad() async throws {
        let database = try await AmpDatabase.make()
        _ = try await database.track(.install(readers: []))
        let job = try await database.addJob()
        let revision = try await database.addTable("blocks", job: job)
        try await database.addChain(of: 500, to: revision)
        try await withService(.init(conninfo: database.conninfo)) { engine, client in
            #expect(try await client.jobProgress(job)?.tables.first?.filesCount == 500)
            let before = engine.counts
            for count in 501...510 as ClosedRange<Int64> {
                try await database.addChain(of: 1, to: revision)
                #expect(try await client.jobProgress(job)?.tables.first?.filesCount == count)
            }
            #expect(engine.counts.loadCount == before.loadCount)
            #expect(engine.counts.rowCount == before.rowCount + 10)
            // More than a log row lists: all versions are compared, and only what is new is read.
            try await database.addChain(of: 12_000, to: revision)
            #expect(try await client.jobProgress(job)?.tables.first?.filesCount == 12_510)
            #expect(engine.counts.rowCount == before.rowCount + 12_010)
        }
    }

    @Test func theBudgetHoldsAndWhatDoesNotFitIsReadPastIt() async throws {
        let database = try await AmpDatabase.make()
        var added: [Int64] = []
        for index in 0..<6 {
            let job = try await database.addJob()
            let revision = try await database.addTable("t\(index)", job: job)
            try await database.addChain(of: index == 5 ? 4_000 : 1_200, to: revision)
            added.append(job)
        }
        let jobs = added
        var configuration = ProgressEngine.Configuration(conninfo: database.conninfo)
        configuration.cacheByteLimit = 400 << 10
        try await withService(configuration) { engine, client in
            for _ in 1...2 {
                for (index, job) in jobs.enumerated() {
                    let count = try await client.jobProgress(job)?.tables.first?.filesCount
                    #expect(count == (index == 5 ? 4_000 : 1_200))
                }
            }
            #expect(engine.counts.evictionCount > 0)
            #expect(engine.context.directReadCount.load(ordering: .relaxed) > 0)
            let budget = engine.context.budget
            #expect(budget.peakByteCount <= budget.byteLimit + budget.byteLimit / 10)
        }
    }

    @Test func trackingThatComesGoesOrIsDisabledIsNoticedBeforeTheNextAnswer() async throws {
        let database = try await AmpDatabase.make()
        let job = try await database.addJob()
        let revision = try await database.addTable("blocks", job: job)
        var configuration = ProgressEngine.Configuration(conninfo: database.conninfo)
        configuration.trackingCheckInterval = .zero
        configuration.idleInterval = .milliseconds(20)
        try await withService(configuration) { engine, client in
            var count: Int64 = 0
            func addAndCheck() async throws {
                for _ in 1...3 {
                    count += 1
                    try await database.addChain(of: 1, to: revision)
                    #expect(try await client.jobProgress(job)?.tables.first?.filesCount == count)
                }
            }
            try await addAndCheck()
            #expect(engine.counts.currency == .scan)
            _ = try await database.track(.install(readers: []))
            #expect(try await eventually { engine.counts.currency == .log })
            try await addAndCheck()
            try await database.execute("ALTER TABLE file_metadata DISABLE TRIGGER progress_insert")
            try await addAndCheck()
            #expect(engine.counts.currency == .scan)
            _ = try await database.track(.install(readers: []))
            #expect(try await eventually { engine.counts.currency == .log })
            try await addAndCheck()
            _ = try await database.track(.remove)
            try await addAndCheck()
            #expect(engine.counts.currency == .scan)
        }
    }

    @Test func sessionsThatAreEndedCostNoFileRows() async throws {
        let database = try await AmpDatabase.make()
        let job = try await database.addJob()
        let revision = try await database.addTable("blocks", job: job)
        try await database.addChain(of: 300, to: revision)
        try await withService(.init(conninfo: database.conninfo)) { engine, client in
            _ = try await client.jobProgress(job)
            let before = engine.counts.rowCount
            for _ in 1...3 {
                try await database.signalSessions("pg_terminate_backend")
                #expect(try await client.jobProgress(job)?.tables.first?.filesCount == 300)
            }
            #expect(engine.counts.rowCount == before)
        }
    }
}
