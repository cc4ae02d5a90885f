import FoundationEssentials
import Logging
import ProgressPostgres
import ProgressRPC
import TestSupport
import Testing

@testable import ProgressServer

@Suite("The whole server", .requiresPostgres, .timeLimit(.minutes(2)))
struct ServerApplicationTests {
    let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

    @Test func itServesUntilItsTaskIsCancelledAndLeavesNoSocket() async throws {
        let database = try await AmpDatabase.make()
        let job = try await database.addJob()
        let path = TemporarySocket.path()
        let application = ServerApplication(
            configuration: try ServerConfiguration(
                options: ["socket": path, "database": database.conninfo],
                environment: [:]
            ),
            logger: self.logger
        )
        await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await application.run() }
            let client = ProgressClient(.init(socketPath: path))
            let progress = try? await client.jobProgress(
                job,
                options: CallOptions(waitsForConnection: true)
            )
            #expect(progress?.jobID == job)
            await client.close()
            group.cancelAll()
        }
        #expect(!FileManager.default.fileExists(atPath: path))
    }

    @Test func itListensWhileThereIsNoDatabase() async throws {
        let path = TemporarySocket.path()
        let application = ServerApplication(
            configuration: try ServerConfiguration(
                options: ["socket": path, "database": "host=/nonexistent"],
                environment: [:]
            ),
            logger: self.logger
        )
        await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await application.run() }
            let client = ProgressClient(.init(socketPath: path))
            let waiting = CallOptions(waitsForConnection: true)
            let health = try? await client.health(options: waiting)
            #expect(health?.status == .notServing)
            #expect(health?.database == "unreachable")
            let error = await rpcError { try await client.jobProgress(1) }
            #expect(error?.reason == "DATABASE_UNAVAILABLE")
            #expect(error?.retryAfter == .seconds(1))
            await client.close()
            group.cancelAll()
        }
    }

    @Test func aSocketThatCannotBeMadeEndsIt() async throws {
        let application = ServerApplication(
            configuration: try ServerConfiguration(
                options: ["socket": "/nonexistent/rpc.sock", "database": "host=/nonexistent"],
                environment: [:]
            ),
            logger: self.logger
        )
        await #expect(throws: (any Error).self) { try await application.run() }
    }

    @Test func schemaInitFillsAnEmptyDatabaseAndNoOther() async throws {
        let conninfo = try await TemporaryPostgres.makeEmptyDatabase()
        let status = SchemaCommand(action: .status, conninfo: conninfo)
        let initialize = SchemaCommand(action: .initialize, conninfo: conninfo)
        await #expect(throws: SchemaCommandError.self) { try await status.run() }
        #expect(try await initialize.run() == "created Amp's tables of era F")
        #expect(try await status.run() == "the database has Amp's tables of era F")
        await #expect(throws: SchemaCommandError.self) { try await initialize.run() }
    }
}
