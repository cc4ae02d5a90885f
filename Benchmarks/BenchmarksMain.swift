import ArgumentParser
import NIOCore
import ProgressPostgres
import ProgressRPC

/// What `Benchmarks/run` needs besides the programs themselves, and the benchmarks of pure code.
@main
struct Benchmarks: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "progress-benchmarks",
        abstract: "Parts of Benchmarks/run.",
        subcommands: [
            Answer.self, Chain.self, First.self, Fixture.self, Route.self,
        ]
    )

    struct Answer: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Measures one answer about jobs, from a server that may have yet to start."
        )

        @Option(help: "Of the server.")
        var socket: String

        @Option(parsing: .upToNextOption, help: "All in one call.")
        var jobs: [Int64]

        func run() async throws {
            try await withClient(self.socket) { try await BatchAnswer.run($0, jobs: self.jobs) }
        }
    }

    struct Chain: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Measures the decoder of file rows and the canonical chain."
        )

        func run() { ChainBenchmark.run() }
    }

    struct First: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Measures the first answer after a change."
        )

        @Option(help: "Of the server.")
        var socket: String

        @Option(help: "A connection string of the server's database, to write to it.")
        var database: String

        @Option(help: "The job that gets more files.")
        var job: Int64

        @Option(help: "How many changes of each kind.")
        var rounds = 300

        func run() async throws {
            try await withClient(self.socket) { client in
                // On the client's loop a call takes no hop between threads.
                try await withTaskExecutorPreference(client.executor) {
                    let session = try PostgresSession(conninfo: self.database)
                    let first = try FirstAnswer(client, session, job: self.job)
                    print(try await first.run(rounds: self.rounds))
                }
            }
        }
    }

    struct Fixture: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Runs a private PostgreSQL with jobs of known sizes until its input ends."
        )

        @Option(help: "Where its data is put.")
        var data: String

        func run() throws { try DatabaseFixture.run(in: self.data) }
    }

    struct Route: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract:
                "Serves the bytes of one answer by a Hummingbird route that does nothing else."
        )

        @Option(help: "The port on 127.0.0.1.")
        var port: Int

        func run() async throws { try await TrivialRoute.run(port: self.port) }
    }
}

/// Runs `body` with a client that waits for its server, and closes it.
private func withClient(
    _ socket: String,
    _ body: (ProgressClient) async throws -> Void
) async throws {
    var configuration = ProgressClient.Configuration(socketPath: socket)
    configuration.name = "progress-benchmarks"
    configuration.longestBackoff = .milliseconds(5)
    configuration.shortestBackoff = .milliseconds(1)
    let client = ProgressClient(configuration)
    do {
        try await body(client)
    } catch {
        await client.close()
        throw error
    }
    await client.close()
}
