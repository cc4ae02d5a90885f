import FoundationEssentials
import ProgressRPC
import TestSupport
import Testing

@testable import ProgressServer

@Suite("The archive in the background", .requiresPostgres, .timeLimit(.minutes(2)))
struct ArchiveIntervalTests {
    private let state: StateDirectory

    init() throws { self.state = try StateDirectory() }

    @Test func itIsWrittenOnlyIfSomethingWasRead() async throws {
        let (database, job, blocks, configuration) = try await self.makeServer(.zero)
        try await withService(configuration) { engine, client in
            _ = try await client.numbers(of: job)
            #expect(try await eventually { self.state.archiveMark != nil })
            let first = self.state.archiveMark
            let roundCount = engine.counts.roundCount
            // Rounds that learn of commits, of which none is of a file.
            for _ in 1...20 {
                try await database.execute("UPDATE workers SET heartbeat_at = now()")
                _ = try await client.numbers(of: job)
            }
            #expect(try await eventually { engine.counts.roundCount > roundCount + 30 })
            #expect(self.state.archiveMark == first)
            try await database.addChain(of: 1, to: blocks)
            #expect(try await client.numbers(of: job)["blocks"] == TableNumbers(4))
            #expect(try await eventually { self.state.archiveMark != first })
        }
    }

    @Test func itIsWrittenNoMoreOftenThanItsInterval() async throws {
        let (database, job, blocks, configuration) = try await self.makeServer(.seconds(600))
        try await withService(configuration) { engine, client in
            _ = try await client.numbers(of: job)
            #expect(try await eventually { self.state.archiveMark != nil })
            let first = self.state.archiveMark
            for count in Int64(4)...20 {
                try await database.addChain(of: 1, to: blocks)
                let numbers = try await client.numbers(of: job)
                #expect(numbers["blocks"] == TableNumbers(count))
            }
            let roundCount = engine.counts.roundCount
            #expect(try await eventually { engine.counts.roundCount > roundCount + 10 })
            #expect(self.state.archiveMark == first)
        }
    }

    @Test func answersDoNotNeedAPlaceForIt() async throws {
        let (database, job, blocks, configuration) = try await self.makeServer(.zero)
        let observations = Observations()
        try await withService(configuration, observe: observations.record) { _, client in
            _ = try await client.numbers(of: job)
            // A writing under way may make or take away a file meanwhile.
            let isGone = try await eventually {
                try? FileManager.default.removeItem(atPath: self.state.path)
                return !FileManager.default.fileExists(atPath: self.state.path)
            }
            #expect(isGone)
            try await database.addChain(of: 1, to: blocks)
            #expect(try await client.numbers(of: job)["blocks"] == TableNumbers(4))
            #expect(try await eventually { !observations.archiveComplaints.isEmpty })
            #expect(try await client.numbers(of: job)["blocks"] == TableNumbers(4))
        }
    }

    /// A job of one table, which is read at once, and a server that has an archive.
    private func makeServer(
        _ interval: Duration
    ) async throws -> (AmpDatabase, job: Int64, blocks: Int64, ProgressEngine.Configuration) {
        let database = try await AmpDatabase.make()
        _ = try await database.track(.install(readers: []))
        let job = try await database.addJob()
        let blocks = try await database.addTable("blocks", job: job)
        try await database.addChain(of: 3, to: blocks)
        var configuration = ProgressEngine.Configuration(conninfo: database.conninfo)
        configuration.stateDirectory = self.state.path
        configuration.archiveInterval = interval
        configuration.idleInterval = .milliseconds(5)
        return (database, job, blocks, configuration)
    }
}
