import FoundationEssentials
import Glibc
import Logging
import ProgressPostgres
import ProgressRPC
import TestSupport
import Testing

@testable import ProgressServer

@Suite("The whole server", .requiresPostgres, .timeLimit(.minutes(2)))
struct ServerApplicationTests {
    /// Those of a server that leaves nothing on disk.
    private static func options(_ socket: String, _ database: String) -> [String: String] {
        ["socket": socket, "database": database, "state-directory": "none"]
    }

    let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

    @Test func itServesUntilItsTaskIsCancelledAndLeavesNoSocket() async throws {
        let database = try await AmpDatabase.make()
        let job = try await database.addJob()
        let path = TemporarySocket.path()
        let application = ServerApplication(
            configuration: try ServerConfiguration(
                options: Self.options(path, database.conninfo),
                environment: [:]
            ),
            logger: self.logger
        )
        await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await application.run() }
            let client = ProgressClient(.init(socketPath: path))
            let progress = try? await client.jobProgress(
                job,
                options: CallOptions(timeout: .seconds(60), waitsForConnection: true)
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
                options: Self.options(path, "host=/nonexistent"),
                environment: [:]
            ),
            logger: self.logger
        )
        await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await application.run() }
            let client = ProgressClient(.init(socketPath: path))
            let waiting = CallOptions(timeout: .seconds(60), waitsForConnection: true)
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

    @Test func whatManifestsSayCountsFromTheFirstAnswerOn() async throws {
        let database = try await AmpDatabase.make()
        let directory = try TemporaryDirectory()
        let manifest = Data(#"{"kind": "manifest", "tables": {"logs": {}}}"#.utf8)
        let hash = ManifestDirectory.name(of: manifest)
        try manifest.write(to: URL(filePath: "\(directory.path)/\(hash)"))
        let job = try await database.addJob()
        for table in ["blocks", "logs"] {
            _ = try await database.addTable(table, job: job, hash: hash)
        }
        let path = TemporarySocket.path()
        var options = Self.options(path, database.conninfo)
        options["manifests"] = directory.path
        let application = ServerApplication(
            configuration: try ServerConfiguration(options: options, environment: [:]),
            logger: self.logger
        )
        await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await application.run() }
            let client = ProgressClient(.init(socketPath: path))
            let progress = try? await client.jobProgress(
                job,
                options: CallOptions(timeout: .seconds(60), waitsForConnection: true)
            )
            #expect(progress?.tables.map(\.name) == ["logs"])
            await client.close()
            group.cancelAll()
        }
    }

    @Test func manifestsThatAreNowhereAreNamed() async throws {
        var options = Self.options(TemporarySocket.path(), "host=/nonexistent")
        options["manifests"] = "/nonexistent"
        let application = ServerApplication(
            configuration: try ServerConfiguration(options: options, environment: [:]),
            logger: self.logger
        )
        let error = await #expect(throws: ConfigurationError.self) { try await application.run() }
        let text = "--manifests: '/nonexistent' is no directory that can be listed"
        #expect(error?.description.hasPrefix(text) == true)
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

    @Test func theDirectoryOfTheStandardSocketIsMadeAndClosedToStrangers() throws {
        let parent = try TemporaryDirectory()
        let directory = "\(parent.path)/progress"
        for _ in 1...2 { try makeDirectory(ofSocket: "\(directory)/rpc.sock") }
        var status = stat()
        #expect(stat(directory, &status) == 0)
        #expect(status.st_mode & S_IFMT == S_IFDIR)
        #expect(status.st_mode & 0o700 == 0o700)
        #expect(status.st_mode & 0o027 == 0)
    }

    @Test func aRuntimeDirectoryThatDoesNotExistIsNamed() throws {
        do throws(ConfigurationError) {
            try makeDirectory(ofSocket: "/nonexistent/runtime/progress/rpc.sock")
            Issue.record("made a directory in one that does not exist")
        } catch {
            #expect(error.description.contains("'/nonexistent/runtime/progress'"))
            #expect(error.description.contains("--socket"))
        }
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
