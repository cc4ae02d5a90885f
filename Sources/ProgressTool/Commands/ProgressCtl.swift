import ArgumentParser

/// The root of the command tree.
struct ProgressCtl: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "progressctl",
        abstract: "Reads the progress of Amp jobs, and tries, loads and demonstrates the service.",
        discussion: """
            Exit status: 0 ok, 1 failure, 2 wrong usage, 3 not found, 4 not authorised, \
            5 unavailable or timed out, 130 interrupted.
            """,
        version: ToolApplication.version,
        subcommands: [
            JobCommand.self, CallCommand.self, TokenCommand.self, LoadCommand.self,
            WorkerCommand.self, DemoCommand.self,
        ]
    )
}

/// `job …`.
struct JobCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "job",
        abstract: "Reads what is known of a job.",
        subcommands: [JobProgressCommand.self],
        aliases: ["jobs"]
    )
}

/// `worker …`.
struct WorkerCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "worker",
        abstract: "Stands in for a worker of Amp.",
        subcommands: [WorkerSimulateCommand.self]
    )
}
