import ArgumentParser
import NIOCore
import ProgressRPC

/// `call`.
struct CallCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "call",
        abstract: "Makes any call to a server, with messages as JSON.",
        discussion: """
            The answer is printed as one line of JSON. Methods: \(UnaryMethod.all.map(\.method.name).joined(separator: ", ")). Messages are \
            written as in protocol/progress.proto, in the JSON form of proto3; the bytes of Echo \
            are the text itself.
            """
    )

    @Argument(
        help: "The method's name, in any letter case.",
        completion: .list(UnaryMethod.all.map(\.method.name))
    )
    var method: String

    @Argument(help: "The request.")
    var json = "{}"

    @Option(
        help: "Socket of the server; environment: PROGRESS_SOCKET.",
        completion: .file()
    )
    var socket: String?

    @Option(
        help: "How long to wait, such as 500ms or 1m (default: 10s).",
        transform: timeSpan(in: .milliseconds(1)...(.seconds(3_600)))
    )
    var timeout = Duration.seconds(10)

    func run() async throws {
        let method = try UnaryMethod(named: self.method)
        guard let socket = self.socket ?? environmentVariable("PROGRESS_SOCKET"), !socket.isEmpty
        else {
            throw ToolError(
                .usage,
                "no server is named",
                remedy: "give --socket or PROGRESS_SOCKET"
            )
        }
        let request = try method.request(self.json)
        let answer = try await withServer(socket, timeout: self.timeout) { server in
            try await server.call(method.method, request)
        }
        Console.current.write(try method.text(of: answer))
    }
}
