import ProgressRPC
import Synchronization
import TestSupport
import Testing

@testable import ProgressServer

@Suite("A get that waits for a change", .requiresPostgres, .timeLimit(.minutes(2)))
struct BlockingGetTests {
    @Test(arguments: [true, false])
    func itIsAnsweredByTheChangeAndElseWhenItsTimeIsOver(_ isTracked: Bool) async throws {
        let database = try await AmpDatabase.make()
        if isTracked { _ = try await database.track(.install(readers: [])) }
        let job = try await database.addJob()
        let revision = try await database.addTable("blocks", job: job)
        try await withService(.init(conninfo: database.conninfo)) { engine, client in
            let first = try #require(try await client.jobProgress(job))
            let known = Array(first.version)
            let unchanged = try await client.jobProgress(
                job,
                knownVersion: known,
                wait: .milliseconds(60)
            )
            #expect(unchanged == nil)
            async let changed = client.jobProgress(job, knownVersion: known, wait: .seconds(30))
            #expect(try await eventually { engine.watcherCount == 1 })
            try await database.addChain(of: 3, to: revision)
            let answer = try #require(try await changed)
            #expect(answer.tables.first?.filesCount == 3)
            #expect(answer.version != first.version)
            #expect(!answer.hasAgeUs)
            // Another version than the present one: nothing to wait for.
            let start = ContinuousClock.now
            #expect(
                try await client.jobProgress(job, knownVersion: known, wait: .seconds(30)) != nil
            )
            #expect(start.duration(to: .now) < .seconds(20))
        }
    }

    @Test func aJobThatComesIntoBeingEndsNoWaitAndOneThatGoesDoes() async throws {
        let database = try await AmpDatabase.make()
        let job = try await database.addJob()
        try await withService(.init(conninfo: database.conninfo)) { engine, client in
            let first = try #require(try await client.jobProgress(job))
            async let end = rpcError {
                try await client.jobProgress(
                    job,
                    knownVersion: Array(first.version),
                    wait: .seconds(30)
                )
            }
            #expect(try await eventually { engine.watcherCount == 1 })
            try await database.execute("DELETE FROM jobs")
            #expect(await end?.reason == "JOB_NOT_FOUND")
        }
    }

    @Test func whatMakesNoSenseIsRefused() async throws {
        let database = try await AmpDatabase.make()
        let job = try await database.addJob()
        try await withService(.init(conninfo: database.conninfo)) { _, client in
            let requests: [@Sendable (inout PBGetJobProgressRequest) -> Void] = [
                { $0.waitMs = 1 },
                {
                    $0.waitMs = 60_001
                    $0.knownVersion = .init([1])
                },
                {
                    $0.waitMs = 1
                    $0.maxStalenessMs = 1
                    $0.knownVersion = .init([1])
                },
            ]
            for change in requests {
                var request = PBGetJobProgressRequest()
                request.jobID = job
                change(&request)
                let message = try request.encoded()
                let error = await rpcError { try await client.call(.getJobProgress, message) }
                #expect(error?.code == .invalidArgument)
            }
        }
    }

    @Test func oneWaitTooManyIsRefusedAndOneThatLeavesMakesRoom() async throws {
        let database = try await AmpDatabase.make()
        let job = try await database.addJob()
        var configuration = ProgressEngine.Configuration(conninfo: database.conninfo)
        configuration.watcherLimit = 1
        try await withService(configuration) { engine, client in
            let first = try #require(try await client.jobProgress(job))
            let known = Array(first.version)
            try await withThrowingTaskGroup(of: Void.self) { group throws in
                group.addTask {
                    _ = try await client.jobProgress(job, knownVersion: known, wait: .seconds(30))
                }
                let isWaiting = try await eventually { engine.watcherCount == 1 }
                #expect(isWaiting)
                let error = await rpcError {
                    try await client.jobProgress(job, knownVersion: known, wait: .seconds(30))
                }
                #expect(error?.reason == "TOO_MANY_WAITERS")
                group.cancelAll()
            }
            let unchanged = try await client.jobProgress(
                job,
                knownVersion: known,
                wait: .milliseconds(50)
            )
            #expect(unchanged == nil)
        }
    }

    @Test func aDrainEndsAllWaits() async throws {
        let database = try await AmpDatabase.make()
        let job = try await database.addJob()
        try await withService(.init(conninfo: database.conninfo)) { engine, client in
            let first = try #require(try await client.jobProgress(job))
            let known = Array(first.version)
            async let waiting = rpcError {
                try await client.jobProgress(job, knownVersion: known, wait: .seconds(30))
            }
            #expect(try await eventually { engine.watcherCount == 1 })
            engine.beginDrain()
            #expect(await waiting?.reason == "DRAINING")
            #expect(try await client.jobProgress(job) != nil)
        }
    }
}

extension ProgressEngine {
    /// Requests that wait for a change, when last counted.
    var watcherCount: Int { self.context.statistics.withLock { $0.watcherCount } }
}
