import ArgumentParser
import FoundationEssentials
import Glibc

/// Whom to ask, and as whom; shared by all commands that read.
struct TargetOptions: ParsableArguments {
    @Option(
        help: "Socket of a server to ask directly; environment: PROGRESS_SOCKET.",
        completion: .file()
    )
    var socket: String?

    @Option(
        help: """
            URL of a gateway to ask; environment: AMP_ADMIN_URL; without this and without a \
            socket http://localhost:1610.
            """
    )
    var adminURL: String?

    @OptionGroup var credentials: CredentialOptions

    @Option(
        help: "How long to wait, such as 500ms or 1m (default: 10s).",
        transform: timeSpan(in: .milliseconds(1)...(.seconds(3_600)))
    )
    var timeout = Duration.seconds(10)

    func validate() throws {
        if self.socket != nil, self.adminURL != nil {
            throw ValidationError("'--socket' and '--admin-url' exclude each other")
        }
    }

    /// What the options and the environment come to: a flag wins over the environment, there a
    /// socket over a URL.
    func target(
        environment: (String) -> String? = environmentVariable
    ) throws(ToolError) -> Target {
        if let socket = self.socket { return .server(socket: try Self.checked(socket)) }
        if self.adminURL == nil, let socket = environment("PROGRESS_SOCKET"), !socket.isEmpty {
            return .server(socket: try Self.checked(socket))
        }
        let url = self.adminURL ?? environment("AMP_ADMIN_URL").flatMap { $0.isEmpty ? nil : $0 }
        return .gateway(
            try GatewayReader(
                baseURL: url ?? Target.defaultURL,
                token: try self.credentials.token(environment: environment),
                timeout: self.timeout
            )
        )
    }

    /// Runs `body` with whom the options name, for as long as it takes.
    func read<Value: Sendable>(
        _ body: (any JobReader) async throws -> Value
    ) async throws -> Value {
        self.credentials.noteIfSeen()
        switch try self.target() {
        case .gateway(let gateway): return try await body(gateway)
        case .server(let socket):
            return try await withServer(socket, timeout: self.timeout) { try await body($0) }
        }
    }

    private static func checked(_ path: String) throws(ToolError) -> String {
        guard 1...107 ~= path.utf8.count else {
            throw ToolError(
                .usage,
                "the socket's path has \(path.utf8.count) bytes; it must have 1 to 107"
            )
        }
        return path
    }
}

/// Whom to ask.
enum Target: Sendable {
    /// A server, by its protocol.
    case server(socket: String)
    /// A gateway, by HTTP.
    case gateway(GatewayReader)

    /// Where a gateway listens unless told otherwise.
    static let defaultURL = "http://localhost:1610"
}

/// The bearer token for a gateway.
struct CredentialOptions: ParsableArguments {
    @Option(help: "Token for the gateway; environment: AMP_AUTH_TOKEN, which 'ps' does not show.")
    var authToken: String?

    @Option(
        help: "File that holds the token and that only its owner can read.",
        completion: .file()
    )
    var tokenFile: String?

    func validate() throws {
        if self.authToken != nil, self.tokenFile != nil {
            throw ValidationError("'--auth-token' and '--token-file' exclude each other")
        }
    }

    /// Says so if the token is where everyone can see it.
    func noteIfSeen() {
        guard self.authToken != nil else { return }
        Console.current.note(
            "note: 'ps' shows --auth-token to everyone here; AMP_AUTH_TOKEN and --token-file hide it"
        )
    }

    func token(environment: (String) -> String?) throws(ToolError) -> String? {
        if let token = self.authToken { return token }
        guard let path = self.tokenFile else {
            return environment("AMP_AUTH_TOKEN").flatMap { $0.isEmpty ? nil : $0 }
        }
        let file = open(path, O_RDONLY | O_CLOEXEC)
        guard file >= 0 else {
            throw ToolError(.usage, "cannot read --token-file '\(path)': \(systemMessage(errno))")
        }
        defer { close(file) }
        var status = stat()
        guard fstat(file, &status) == 0, status.st_mode & 0o077 == 0 else {
            throw ToolError(
                .usage,
                "--token-file '\(path)' can be read by others than its owner",
                remedy: "chmod 600 '\(path)'"
            )
        }
        var bytes = [UInt8](repeating: 0, count: 4_097)
        let count = read(file, &bytes, bytes.count)
        guard 0...4_096 ~= count else {
            throw ToolError(.usage, "--token-file '\(path)' holds more than a token")
        }
        let text = String(decoding: bytes.prefix(count), as: UTF8.self)
        return String(
            text.drop(while: \.isWhitespace).reversed().drop(while: \.isWhitespace).reversed()
        )
    }
}
