import ArgumentParser

/// The command line of `progress-server`, as typed; it only collects text.
struct ServerOptions: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: ProgramIdentity.server.name,
        abstract: "Answers how far Amp's jobs are, on a Unix socket.",
        discussion: """
            Every option may also stand in the environment (--log-level as PROGRESS_LOG_LEVEL) or \
            in the file of --config, a JSON object of strings with the options' names as keys. \
            The command line wins over the environment, and that over the file. SIGTERM finishes \
            the calls in flight and ends.
            """,
        version: ProgramIdentity.server.version,
        subcommands: [SchemaOptions.self, TrackingOptions.self]
    )

    @Option(
        help: ArgumentHelp(
            """
            Where to listen (default: $XDG_RUNTIME_DIR/progress/rpc.sock, for root \
            /run/progress/rpc.sock).
            """,
            valueName: "path"
        )
    )
    var socket: String?

    @OptionGroup var database: DatabaseOption

    @Option(
        help: ArgumentHelp(
            """
            Who may connect as what: a JSON array of objects with one of "user", "uid", "group", \
            "gid", and "role", which is "gateway", "trusted" or "observer" (default: the own user is trusted).
            """,
            valueName: "file"
        )
    )
    var peers: String?

    @Option(
        help: ArgumentHelp(
            """
            How many database sessions read what is not in memory, 1 to 64 (default: 2); one more \
            keeps it current.
            """,
            valueName: "n"
        )
    )
    var poolSize: String?

    @Option(
        help: ArgumentHelp(
            "How much may be kept in memory, in bytes, from 1 MiB (default: 536870912, 512 MiB).",
            valueName: "bytes"
        )
    )
    var cacheBytes: String?

    @Option(
        help: ArgumentHelp(
            """
            Where to keep what is in memory for the next start, or none (default: the socket's path \
            with .state behind it).
            """,
            valueName: "path"
        )
    )
    var stateDirectory: String?

    @Flag(
        help: ArgumentHelp(
            """
            Read a standby too: answers are exact for what it has replayed, which may be behind the \
            primary.
            """
        )
    )
    var allowStandby = false

    @Option(
        help: ArgumentHelp(
            """
            A directory with copies of the manifests of Amp's datasets: tables that they do not list \
            are left out, and a raw table that begins above its dataset's first block has no data \
            (default: none, which tells tables as they are in the database).
            """,
            valueName: "directory"
        )
    )
    var manifests: String?

    @Option(
        help: ArgumentHelp(
            "trace, debug, info, notice, warning, error or critical (default: info).",
            valueName: "level"
        )
    )
    var logLevel: String?

    @Option(help: ArgumentHelp("Configuration file.", valueName: "file"))
    var config: String?

    /// What was given, by the option's name.
    var values: [String: String] {
        let options: [String: String?] = [
            "socket": self.socket, "database": self.database.database, "peers": self.peers,
            "pool-size": self.poolSize, "cache-bytes": self.cacheBytes,
            "state-directory": self.stateDirectory,
            "allow-standby": self.allowStandby ? "true" : nil, "manifests": self.manifests,
            "log-level": self.logLevel, "config": self.config,
        ]
        return options.compactMapValues { $0 }
    }
}

/// The subcommands of `progress-server schema`.
struct SchemaOptions: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "schema",
        abstract: "Look at the database's tables, or create Amp's.",
        subcommands: [SchemaStatusOptions.self, SchemaInitOptions.self]
    )
}

struct SchemaStatusOptions: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "status",
        abstract: "Tell which tables the database has, and whether they serve."
    )

    @ParentCommand var server: ServerOptions
    @OptionGroup var database: DatabaseOption
}

struct SchemaInitOptions: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "init",
        abstract: "Create Amp's tables in an empty database."
    )

    @ParentCommand var server: ServerOptions
    @OptionGroup var database: DatabaseOption
}

struct DatabaseOption: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Amp's metadata database, as a libpq connection string or URI; required.",
            valueName: "conninfo"
        )
    )
    var database: String?
}
