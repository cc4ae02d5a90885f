import Glibc
import ProgressPostgres
import TestSupport
import Testing

@testable import ProgressServer

@Suite(.requiresPostgres, .timeLimit(.minutes(2)))
struct InterruptedOpeningTests {
    @Test("A session that is cut off while it opens is opened again, and nobody notices")
    func anInterruptionIsNoOutage() async throws {
        let database = try await AmpDatabase.make()
        let job = try await database.addJob()
        let closing = try ClosingSocket(before: database)
        let observations = Observations()
        try await withStore(
            closing.conninfo,
            connectionCount: 1,
            observations: observations
        ) { store in
            let plan = try await store.reading(of: job).plan
            #expect(plan != nil)
        }
        #expect(closing.closedCount.value == 1)
        for observation in observations.all {
            guard case .connectFailed(let failure) = observation else { continue }
            Issue.record("the interruption passed for an outage: \(failure)")
        }
    }
}

/// A socket that takes one connection, leads all later ones to a database, and closes the first.
private final class ClosingSocket: Sendable {
    let conninfo: String
    let closedCount = Counter()
    private let directory: TemporaryDirectory

    init(before database: AmpDatabase) throws {
        let directory = try TemporaryDirectory()
        let name = "/.s.PGSQL.5432"
        let path = directory.path + name
        let words = database.conninfo.split(separator: "'", omittingEmptySubsequences: false)
        let target = String(try #require(words.dropFirst().first)) + name
        self.directory = directory
        self.conninfo = "\(database.conninfo) host='\(directory.path)'"
        let listener = try listeningSocket(at: path)
        let closedCount = self.closedCount
        try DedicatedThread.start(named: "test-closing") {
            let connection = accept(listener, nil, nil)
            var bytes = [UInt8](repeating: 0, count: 4_096)
            _ = read(connection, &bytes, bytes.count)
            unlink(path)
            symlink(target, path)
            closedCount.increment()
            close(connection)
            close(listener)
        }
    }
}
