import ArgumentParser

/// The command line of `progress-gateway`, as typed.
struct GatewayOptions: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "progress-gateway",
        abstract: "Serves job progress over HTTP, from a progress server on a Unix socket.",
        discussion: """
            Every option may also stand in the environment (--rpc-timeout as PROGRESS_RPC_TIMEOUT) \
            or in the file of --config, a JSON object of strings with the options' names as keys. \
            The command line wins over the environment, and that over the file. SIGHUP reads the \
            token file again; SIGTERM finishes the requests in flight and ends.
            """,
        version: GatewayVersion.text
    )

    @Option(
        help: ArgumentHelp(
            """
            Socket of the progress server (default: $XDG_RUNTIME_DIR/progress/rpc.sock, for root \
            /run/progress/rpc.sock).
            """,
            valueName: "path"
        )
    )
    var socket: String?

    @Option(
        help: ArgumentHelp(
            "Address and port to listen on (default: 127.0.0.1:1610).",
            valueName: "host:port"
        )
    )
    var listen: String?

    @Option(
        help: ArgumentHelp(
            "Token file, as 'progressctl token' keeps it.",
            valueName: "file"
        )
    )
    var tokens: String?

    @Option(
        help: ArgumentHelp(
            """
            What a caller without a token may see, as scopes with spaces between them; only on a \
            loopback address.
            """,
            valueName: "scope"
        )
    )
    var anonymousScope: String?

    @Option(
        help: ArgumentHelp(
            "Longest wait for the progress server, such as 500ms or 2s (default: 2s).",
            valueName: "duration"
        )
    )
    var rpcTimeout: String?

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
            "socket": self.socket, "listen": self.listen, "tokens": self.tokens,
            "anonymous-scope": self.anonymousScope, "rpc-timeout": self.rpcTimeout,
            "log-level": self.logLevel, "config": self.config,
        ]
        return options.compactMapValues { $0 }
    }
}

/// The version of this program.
enum GatewayVersion {
    static let text = "0.1.0"
}
