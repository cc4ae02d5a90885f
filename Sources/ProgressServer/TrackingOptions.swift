import ArgumentParser

/// The subcommands of `progress-server tracking`.
struct TrackingOptions: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "tracking",
        abstract: "Let the database log its changes, so that current answers cost little.",
        discussion: """
            Installs triggers on Amp's tables that note in schema progress what changed. It can be \
            done, and undone, while Amp runs.
            """,
        subcommands: [
            TrackingInstallOptions.self, TrackingRemoveOptions.self, TrackingStatusOptions.self,
            TrackingPruneOptions.self,
        ]
    )
}

struct TrackingInstallOptions: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "install",
        abstract: "Create schema progress and the triggers, or mend or upgrade them.",
        discussion: "The role must own Amp's tables and be allowed to create a schema."
    )

    @ParentCommand var server: ServerOptions
    @OptionGroup var database: DatabaseOption

    @Option(
        help: ArgumentHelp(
            "A role that may read the log, such as the server's; may be given again.",
            valueName: "role"
        )
    )
    var reader: [String] = []
}

struct TrackingRemoveOptions: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "remove",
        abstract: "Drop the triggers and schema progress."
    )

    @ParentCommand var server: ServerOptions
    @OptionGroup var database: DatabaseOption
}

struct TrackingStatusOptions: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "status",
        abstract: "Tell whether every change is logged; exit status 1 if not."
    )

    @ParentCommand var server: ServerOptions
    @OptionGroup var database: DatabaseOption
}

struct TrackingPruneOptions: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "prune",
        abstract: "Delete log rows that no server needs; to be run every few minutes."
    )

    @ParentCommand var server: ServerOptions
    @OptionGroup var database: DatabaseOption
}
