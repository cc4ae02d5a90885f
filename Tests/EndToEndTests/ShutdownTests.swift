import Foundation
import ProgressRPC
import TestSupport
import Testing

@Suite("The end of a server", .requiresPostgres, .timeLimit(.minutes(2)))
struct ShutdownTests {
    @Test func theCallInFlightIsFinishedFirst() async throws {
        let database = try await AmpDatabase.make()
        let job = try await database.addJob()
        _ = try await database.addTable("blocks", job: job)
        let directory = try TemporaryDirectory()
        let socket = directory.path + "/rpc.sock"
        let server = try await Stack.startServer(database, socket)
        let lock = try await TableLock(on: "file_metadata", in: database)
        let client = ProgressClient(.init(socketPath: socket))
        async let progress = client.jobProgress(job, options: CallOptions(timeout: .seconds(30)))
        // The one that asks is in flight too.
        #expect(try await until { try await client.stats().callsInFlight >= 2 })
        kill(server.processID, SIGTERM)
        _ = try await server.line(containing: "finishing the calls in flight")
        try await lock.release()
        #expect(try await progress?.tables.count == 1)
        let end = await server.end()
        #expect(end.status == 0, "\(end.errors)")
        #expect(!FileManager.default.fileExists(atPath: socket))
        await client.close()
    }

    @Test func aSuspendedPostgresHoldsItUpNoLongerThanTheDrain() async throws {
        let cluster = try await TemporaryPostgres.makeCluster()
        defer { cluster.thaw() }
        let database = AmpDatabase(conninfo: try cluster.makeDatabase(named: "amp"))
        let job = try await database.addJob()
        let directory = try TemporaryDirectory()
        let socket = directory.path + "/rpc.sock"
        let server = try await Stack.startServer(database, socket)
        cluster.freeze()
        let client = ProgressClient(.init(socketPath: socket))
        async let answer = client.jobProgress(job, options: CallOptions(timeout: .seconds(60)))
        // The one that asks is in flight too.
        let isInFlight = try await until { try await client.stats().callsInFlight >= 2 }
        #expect(isInFlight)
        let start = ContinuousClock.now
        let end = await server.stop()
        #expect(end.status == 0, "\(end.errors)")
        // The drain is five seconds; the rest is for a machine that is busy.
        #expect(start.duration(to: .now) < .seconds(20))
        do {
            let progress = try await answer
            Issue.record("answered without PostgreSQL: \(String(describing: progress))")
        } catch {
            #expect(error is RPCError)
        }
        await client.close()
    }

    /// Asks for at most thirty seconds until the answer is yes.
    private func until(_ isTrue: () async throws -> Bool) async throws -> Bool {
        let deadline = ContinuousClock.now.advanced(by: .seconds(30))
        while deadline > .now {
            if try await isTrue() { return true }
            try await Task.sleep(for: .milliseconds(5))
        }
        return false
    }
}
