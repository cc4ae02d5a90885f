import ArgumentParser
import Glibc

/// `demo`.
struct DemoCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "demo",
        abstract: "Runs everything on this machine with sample data, until Ctrl-C.",
        discussion: """
            Starts a private PostgreSQL on a Unix socket, the server, the gateway and a simulated \
            worker, and prints a token, the address of the page for a browser and a request to \
            try. Data stays in one directory: $XDG_DATA_HOME/progress/demo, by default \
            ~/.local/share/progress/demo, for root /var/lib/progress/demo. Directory of \
            PostgreSQL's programs, asked before PATH and Debian's; environment: PROGRESS_PG_BINDIR.
            """
    )

    @Option(
        help: """
            Where the gateway listens; if the port is taken, the next free one is used (default: \
            127.0.0.1:1610).
            """,
        transform: { text in
            guard let address = ListenAddress(parsing: text) else {
                throw ArgumentProblem(
                    description: "it must be HOST:PORT, with a port between 1 and 65535"
                )
            }
            return address
        }
    )
    var listen = ListenAddress(host: "127.0.0.1", port: 1610)

    @Option(
        help: "The directory that keeps the demo's data; new, empty, or a former demo's.",
        completion: .directory
    )
    var data: String?

    @Flag(help: "Remove the data of former demos first.")
    var reset = false

    func run() async throws {
        // The kernel shows strangers under the number of `nobody`, so the server trusts it never.
        guard geteuid() != 65_534 else {
            throw ToolError(
                .failure,
                "this runs as 'nobody', whom the server refuses",
                remedy: "start it as another user, or as root"
            )
        }
        let path = try self.data ?? DemoDirectory.defaultPath()
        let directory = try DemoDirectory(path: absolutePath(path))
        if self.reset { try directory.reset() }
        let stack = DemoStack(
            directory: directory,
            programs: try ProgramFiles(),
            address: self.listen,
            console: .current
        )
        try await DemoApplication(stack: stack, console: .current).run()
    }
}
