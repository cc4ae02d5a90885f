import ArgumentParser

/// The root of the command tree.
struct ProgressCtl: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "progressctl",
        abstract:
            "Reads Amp jobs and their progress, and tries, loads and demonstrates the service.",
        discussion: """
            Exit status: 0 ok, 1 failure, 2 wrong usage, 3 not found, 4 not authorised, \
            5 unavailable or timed out, 130 interrupted.
            """,
        version: ToolApplication.version,
        subcommands: [
            JobCommand.self, DatasetCommand.self, CallCommand.self, TokenCommand.self,
            DoctorCommand.self, LoadCommand.self, WorkerCommand.self, DemoCommand.self,
        ]
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
