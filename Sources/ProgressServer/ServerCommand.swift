import ArgumentParser
import Logging

/// What the command line asks for.
struct ServerCommand {
    private enum Action {
        case serve(ServerConfiguration)
        case schema(SchemaCommand)
        case tracking(TrackingCommand)
    }

    private let action: Action

    /// Reads the command line; `--help` and `--version` end the process here.
    ///
    /// - Throws: ``ConfigurationError`` naming the option, the value and what is allowed.
    init(arguments: [String], environment: [String: String]) throws(ConfigurationError) {
        switch try Self.parsed(arguments) {
        case let options as ServerOptions:
            self.action = .serve(
                try ServerConfiguration(options: options.values, environment: environment)
            )
        case let options as SchemaStatusOptions:
            self.action = try Self.schema(.status, options.server, options.database, environment)
        case let options as SchemaInitOptions:
            self.action = try Self.schema(
                .initialize,
                options.server,
                options.database,
                environment
            )
        case is SchemaOptions:
            throw ConfigurationError("schema needs a word more: 'status' or 'init'")
        case let options as TrackingInstallOptions:
            self.action = try Self.tracking(
                .install(readers: options.reader),
                options.server,
                options.database,
                environment
            )
        case let options as TrackingRemoveOptions:
            self.action = try Self.tracking(.remove, options.server, options.database, environment)
        case let options as TrackingStatusOptions:
            self.action = try Self.tracking(.status, options.server, options.database, environment)
        case let options as TrackingPruneOptions:
            self.action = try Self.tracking(.prune, options.server, options.database, environment)
        case is TrackingOptions:
            throw ConfigurationError(
                "tracking needs a word more: 'install', 'remove', 'status' or 'prune'"
            )
        case var help:
            do { try help.run() } catch { ServerOptions.exit(withError: error) }
            ServerOptions.exit()
        }
    }

    func run() async throws {
        switch self.action {
        case .serve(let configuration):
            LoggingSystem.bootstrap(StreamLogHandler.standardError)
            var logger = Logger(label: ProgramIdentity.server.name)
            logger.logLevel = configuration.logLevel
            try await ServerApplication(configuration: configuration, logger: logger).run()
        case .schema(let command):
            StandardStream.output.write("\(try await command.run())\n")
        case .tracking(let command):
            StandardStream.output.write("\(try await command.run())\n")
        }
    }

    private static func parsed(
        _ arguments: [String]
    ) throws(ConfigurationError) -> any ParsableCommand {
        do {
            return try ServerOptions.parseAsRoot(arguments)
        } catch {
            guard ServerOptions.exitCode(for: error) != .success else {
                ServerOptions.exit(withError: error)
            }
            throw ConfigurationError(ServerOptions.message(for: error))
        }
    }

    private static func schema(
        _ action: SchemaCommand.Action,
        _ server: ServerOptions,
        _ option: DatabaseOption,
        _ environment: [String: String]
    ) throws(ConfigurationError) -> Action {
        let conninfo = try Self.database(for: "schema", server, option, environment)
        return .schema(SchemaCommand(action: action, conninfo: conninfo))
    }

    private static func tracking(
        _ action: TrackingCommand.Action,
        _ server: ServerOptions,
        _ option: DatabaseOption,
        _ environment: [String: String]
    ) throws(ConfigurationError) -> Action {
        let conninfo = try Self.database(for: "tracking", server, option, environment)
        return .tracking(TrackingCommand(action: action, conninfo: conninfo))
    }

    /// The connection string of a subcommand that uses no other option of the server's.
    private static func database(
        for subcommand: String,
        _ server: ServerOptions,
        _ option: DatabaseOption,
        _ environment: [String: String]
    ) throws(ConfigurationError) -> String {
        var values = server.values
        if let database = option.database { values["database"] = database }
        let allowed: Set = ["database", "config"]
        if let unused = values.keys.filter({ !allowed.contains($0) }).min() {
            throw ConfigurationError(
                "--\(unused) is given, which '\(subcommand)' does not use; allowed are --config and "
                    + "--database"
            )
        }
        let layers = try LayeredConfiguration(
            options: values,
            environment: environment,
            keys: ServerConfiguration.keys
        )
        return try ServerConfiguration.database(layers["database"])
    }
}
