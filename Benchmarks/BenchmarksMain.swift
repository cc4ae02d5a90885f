import ArgumentParser

/// What `Benchmarks/run` needs besides the programs themselves, and the benchmarks of pure code.
@main
struct Benchmarks: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "progress-benchmarks",
        abstract: "Parts of Benchmarks/run.",
        subcommands: [Chain.self, Fixture.self, Route.self]
    )

    struct Chain: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Measures the decoder of file rows and the canonical chain."
        )

        func run() { ChainBenchmark.run() }
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
