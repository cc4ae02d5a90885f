import ArgumentParser

/// `job …`.
struct JobCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "job",
        abstract: "Reads what is known of jobs.",
        subcommands: [
            JobProgressCommand.self, JobListCommand.self, JobInspectCommand.self,
            JobEventsCommand.self,
        ],
        aliases: ["jobs"]
    )
}

/// `dataset …`.
struct DatasetCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "dataset",
        abstract: "Reads what is known of a dataset.",
        subcommands: [DatasetJobsCommand.self],
        aliases: ["datasets"]
    )
}
