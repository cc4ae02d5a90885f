import ProgressPostgres
import ProgressRPC
import TestSupport
import Testing

@testable import ProgressServer

@Suite("A cluster whose processes are all suspended", .requiresPostgres, .timeLimit(.minutes(2)))
struct FrozenClusterTests {
    @Test func callsEndAtTheirDeadlineHealthAnswersAndAllGoesOnAfterwards() async throws {
        let cluster = try await TemporaryPostgres.makeCluster()
        defer { cluster.thaw() }
        let database = AmpDatabase(conninfo: try cluster.makeDatabase(named: "amp"))
        let job = try await database.addJob()
        try await withService(database) { client in
            _ = try await client.jobProgress(job)
            cluster.freeze()
            let clock = ContinuousClock()
            let taken = await clock.measure {
                await withTaskGroup(of: RPCError?.self) { group in
                    for _ in 1...12 {
                        group.addTask {
                            let options = CallOptions(timeout: .milliseconds(300))
                            return await rpcError {
                                try await client.jobProgress(job, options: options)
                            }
                        }
                    }
                    for await error in group { #expect(error?.code == .deadlineExceeded) }
                }
            }
            #expect(taken < .seconds(10))
            // The server needs nobody but itself for this.
            let health = try await client.health(options: CallOptions(timeout: .seconds(20)))
            #expect(health.database != "unsupported")
            // No session is left and none can be had: that is known before long, and said at once.
            let isKnown = try await eventually {
                let error = await rpcError { try await client.jobProgress(job) }
                return error?.reason == "DATABASE_UNAVAILABLE"
            }
            #expect(isKnown)
            let later = try await client.health(options: CallOptions(timeout: .seconds(20)))
            #expect(later.status == .notServing)
            #expect(later.database == "unreachable")
            cluster.thaw()
            let isBack = try await eventually {
                await rpcError { try await client.jobProgress(job) } == nil
            }
            #expect(isBack)
        }
    }

    @Test func cancelRequestsThatBlockAreBounded() async throws {
        let cluster = try await TemporaryPostgres.makeCluster()
        defer { cluster.thaw() }
        let canceller = StatementCanceller(limit: 2)
        try await onThread {
            var sessions: [PostgresConnection] = []
            for _ in 1...4 {
                sessions.append(
                    try PostgresConnection(
                        conninfo: cluster.conninfo(),
                        settings: .reader(applicationName: "progress-test"),
                        limit: .after(.seconds(20)),
                        canceller: canceller
                    )
                )
            }
            cluster.freeze()
            for session in sessions {
                do throws(PostgresError) {
                    try session.run(script: "SELECT 1", limit: .after(.milliseconds(50)))
                    Issue.record("a suspended session answered")
                } catch {
                    #expect(error.kind == .deadlineExceeded)
                    #expect(!session.isUsable)
                }
            }
            #expect(canceller.activeCount == 2)
            cluster.thaw()
        }
        #expect(try await eventually { canceller.activeCount == 0 })
    }
}
