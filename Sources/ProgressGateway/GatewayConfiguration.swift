import Configuration
import Glibc
import Logging
import ProgressTokens

/// Everything that an operator chooses, read once and checked.
struct GatewayConfiguration: Sendable {
    /// Socket of the progress server, at most 107 bytes.
    var socketPath: String
    var listen: ListenAddress
    /// Token file; `nil`: no tokens.
    var tokensPath: String?
    /// What a caller without a token may see; `nil`: nothing.
    var anonymousScopes: [Scope]?
    /// Longest wait for the server, 10 ms to 60 s.
    var rpcTimeout: Duration
    var logLevel: Logger.Level

    /// The options that the environment and a file may give too.
    static let keys: Set<String> = [
        "socket", "listen", "tokens", "anonymous-scope", "rpc-timeout", "log-level",
    ]

    /// Reads the configuration from the command line, the environment and the file, the first that
    /// has a value winning.
    ///
    /// - Throws: ``ConfigurationError`` naming the option, the value and what is allowed.
    init(options: [String: String], environment: [String: String]) throws(ConfigurationError) {
        let variables = EnvironmentVariablesProvider(environmentVariables: environment)
        var providers: [any ConfigProvider] = [Self.provider("command line", options), variables]
        let first = ConfigReader(providers: providers).scoped(to: "progress")
        if let path = first.string(forKey: "config") {
            let file = try ConfigurationFile.read(path: path, allowed: Self.keys)
            providers.append(Self.provider("file", file))
        }
        let reader = ConfigReader(providers: providers).scoped(to: "progress")
        try self.init(
            reader,
            runtimeDirectory: environment["XDG_RUNTIME_DIR"],
            isRoot: geteuid() == 0
        )
    }

    private init(_ reader: ConfigReader, runtimeDirectory: String?, isRoot: Bool)
        throws(ConfigurationError)
    {
        self.socketPath = try Self.socketPath(
            reader.string(forKey: "socket"),
            runtimeDirectory: runtimeDirectory,
            isRoot: isRoot
        )
        self.listen = try ListenAddress(reader.string(forKey: "listen") ?? "127.0.0.1:1610")
        self.tokensPath = reader.string(forKey: "tokens")
        self.anonymousScopes = try reader.string(forKey: "anonymous-scope").map(Self.scopes)
        self.rpcTimeout = try Self.timeout(reader.string(forKey: "rpc-timeout") ?? "2s")
        self.logLevel = try Self.level(reader.string(forKey: "log-level") ?? "info")
        guard self.tokensPath != nil || self.anonymousScopes != nil else {
            throw ConfigurationError(
                """
                no credentials are configured; give --tokens FILE ('progressctl token create' makes \
                one), or --anonymous-scope SCOPE on a loopback address
                """
            )
        }
        guard self.anonymousScopes == nil || self.listen.isLoopback else {
            throw ConfigurationError(
                """
                --anonymous-scope is given and --listen is '\(self.listen)'; anonymous callers are \
                allowed only on 127.0.0.0/8, [::1] or localhost
                """
            )
        }
    }

    /// The configuration in effect, for the log; holds no secret.
    var summary: Logger.Metadata {
        [
            "socket": "\(self.socketPath)",
            "listen": "\(self.listen)",
            "tokens": "\(self.tokensPath ?? "none")",
            "anonymous-scope":
                "\(self.anonymousScopes?.map(\.description).joined(separator: " ") ?? "none")",
            "rpc-timeout": "\(self.rpcTimeout)",
            "log-level": "\(self.logLevel)",
        ]
    }

    private static func provider(_ name: String, _ values: [String: String]) -> InMemoryProvider {
        InMemoryProvider(
            name: name,
            values: Dictionary(
                values.map {
                    (
                        AbsoluteConfigKey(["progress", $0.key]),
                        ConfigValue(.string($0.value), isSecret: false)
                    )
                }
            ) { first, _ in first }
        )
    }
}
