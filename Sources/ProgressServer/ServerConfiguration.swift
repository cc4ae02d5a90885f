import Configuration
import FoundationEssentials
import Glibc
import Logging
import ProgressPostgres
import ProgressRPC

/// Everything that an operator chooses, read once and checked.
struct ServerConfiguration: Sendable {
    /// Where to listen; at most 107 bytes.
    var socketPath: String
    /// Whether the socket is at its default place, whose directory is ours to make.
    var isDefaultSocket: Bool
    /// A libpq connection string or URI; secret.
    var database: String
    /// Who may connect.
    var peers: PeerRules
    /// Database sessions that read what is not held, 1 to 64; one more keeps it current.
    var poolSize: Int
    /// Bytes that may be held in memory, 1 MiB to 1 TiB.
    var cacheByteLimit: Int
    /// Whether a standby may be read.
    var allowsStandby: Bool
    /// A directory with copies of Amp's manifests; `nil`: there is none.
    var manifestDirectory: String?
    /// Where what is held outlives the server; `nil`: nowhere.
    var stateDirectory: String?
    /// Whether ``stateDirectory`` is at its default place and ours to make.
    var isDefaultStateDirectory: Bool
    var logLevel: Logger.Level

    /// The options that the environment and a file may give too.
    static let keys: Set<String> = [
        "socket", "database", "peers", "pool-size", "cache-bytes", "state-directory",
        "allow-standby", "manifests", "log-level",
    ]

    /// Reads the configuration from the command line, the environment and the file; the first that
    /// has a value wins.
    ///
    /// - Throws: ``ConfigurationError`` naming the option, the value and what is allowed.
    init(options: [String: String], environment: [String: String]) throws(ConfigurationError) {
        let reader = try LayeredConfiguration(
            options: options,
            environment: environment,
            keys: Self.keys
        )
        (self.socketPath, self.isDefaultSocket) = try Self.socketPath(
            reader["socket"],
            runtimeDirectory: environment["XDG_RUNTIME_DIR"],
            isRoot: geteuid() == 0
        )
        self.database = try Self.database(reader["database"])
        self.peers =
            try reader["peers"].map { path throws(ConfigurationError) in
                try PeerRules(path: path)
            } ?? PeerRules.ownUserIsTrusted
        self.poolSize = try Self.poolSize(reader["pool-size"] ?? "2")
        self.cacheByteLimit = try Self.byteCount(reader["cache-bytes"] ?? "536870912")
        self.allowsStandby = try Self.flag("allow-standby", reader["allow-standby"] ?? "false")
        self.manifestDirectory = reader["manifests"]
        let directory = reader["state-directory"]
        self.isDefaultStateDirectory = directory == nil
        self.stateDirectory = directory == "none" ? nil : directory ?? "\(self.socketPath).state"
        self.logLevel = try Self.level(reader["log-level"] ?? "info")
    }

    /// The configuration in effect, for the log; without the connection string.
    var summary: Logger.Metadata {
        [
            "socket": "\(self.socketPath)", "peers": "\(self.peers)",
            "pool-size": "\(self.poolSize)", "cache-bytes": "\(self.cacheByteLimit)",
            "state-directory": "\(self.stateDirectory ?? "none")",
            "allow-standby": "\(self.allowsStandby)",
            "manifests": "\(self.manifestDirectory ?? "none")", "log-level": "\(self.logLevel)",
        ]
    }

    /// - Throws: ``ConfigurationError`` if there is none.
    static func database(_ given: String?) throws(ConfigurationError) -> String {
        guard let given, !given.isEmpty else {
            throw ConfigurationError(
                "--database is not given; it must be a libpq connection string, such as "
                    + "'host=/run/postgresql dbname=amp'"
            )
        }
        if let objection = ConnectionString.objection(to: given) {
            throw ConfigurationError("--database \(objection)")
        }
        return given
    }

    private static func socketPath(
        _ given: String?,
        runtimeDirectory: String?,
        isRoot: Bool
    ) throws(ConfigurationError) -> (path: String, isDefault: Bool) {
        let standard = SocketPath.standard(runtimeDirectory: runtimeDirectory, isRoot: isRoot)
        guard let path = given ?? standard else {
            throw ConfigurationError(
                "--socket is not given and XDG_RUNTIME_DIR is not set; give --socket PATH"
            )
        }
        guard 1...Limits.socketPathByteCount ~= path.utf8.count else {
            throw ConfigurationError(
                "--socket is '\(path)', \(path.utf8.count) bytes long; "
                    + "it must have 1 to \(Limits.socketPathByteCount)"
            )
        }
        return (path, given == nil)
    }

    private static func poolSize(_ text: String) throws(ConfigurationError) -> Int {
        guard text.utf8.allSatisfy({ 0x30...0x39 ~= $0 }), let size = Int(text), 1...64 ~= size
        else {
            throw ConfigurationError("--pool-size is '\(text)'; it must be between 1 and 64")
        }
        return size
    }

    private static func byteCount(_ text: String) throws(ConfigurationError) -> Int {
        let allowed = (1 << 20)...(1 << 40)
        guard text.utf8.allSatisfy({ 0x30...0x39 ~= $0 }), let count = Int(text), allowed ~= count
        else {
            throw ConfigurationError(
                "--cache-bytes is '\(text)'; it must be between \(allowed.lowerBound) and "
                    + "\(allowed.upperBound) bytes"
            )
        }
        return count
    }

    private static func flag(
        _ name: String,
        _ text: String
    ) throws(ConfigurationError) -> Bool {
        switch text {
        case "true": return true
        case "false": return false
        default:
            throw ConfigurationError("--\(name) is '\(text)'; it must be 'true' or 'false'")
        }
    }

    private static func level(_ text: String) throws(ConfigurationError) -> Logger.Level {
        guard let level = Logger.Level(rawValue: text) else {
            let allowed = Logger.Level.allCases.map(\.rawValue).joined(separator: ", ")
            throw ConfigurationError("--log-level is '\(text)'; allowed are \(allowed)")
        }
        return level
    }
}
