import FoundationEssentials
import Glibc
import Logging
import ProgressRPC
import ServiceLifecycle
import UnixSignals

/// The composition root: store, service, listener, in this order, and their end in the other.
struct ServerApplication: Sendable {
    let configuration: ServerConfiguration
    let logger: Logger

    /// Serves until SIGTERM, SIGINT, a graceful shutdown or a cancellation.
    ///
    /// - Throws: What keeps the server from starting, such as a socket that is in use.
    func run() async throws {
        self.logger.notice("starting", metadata: self.configuration.summary)
        if self.configuration.isDefaultSocket {
            try makeDirectory(ofSocket: self.configuration.socketPath)
        }
        let observer = LogObserver(logger: self.logger)
        let store = try PostgresStore(
            .init(
                conninfo: self.configuration.database,
                connectionCount: self.configuration.poolSize
            ),
            observe: observer.observe
        )
        let running = RunningServer()
        let handler = ProgressService(
            store: store,
            server: running,
            identity: .server,
            observe: observer.observe
        )
        let server = RPCServer(
            configuration: self.serverConfiguration,
            handler: handler,
            logger: self.logger
        )
        running.introduce(server)
        let group = ServiceGroup(
            configuration: .init(
                services: [
                    .init(service: store),
                    .init(
                        service: ListenerService(
                            server: server,
                            running: running,
                            logger: self.logger
                        )
                    ),
                ],
                gracefulShutdownSignals: [.sigterm, .sigint],
                logger: self.logger
            )
        )
        try await group.run()
        self.logger.notice("stopped")
    }

    private var serverConfiguration: RPCServer.Configuration {
        var configuration = RPCServer.Configuration(socketPath: self.configuration.socketPath)
        configuration.name = ProgramIdentity.server.name
        configuration.version = ProgramIdentity.server.version
        configuration.peers = self.configuration.peers.role(of:)
        return configuration
    }
}

/// Creates the directory of a socket, for its owner and group alone; keeps one that exists.
///
/// - Throws: ``ConfigurationError`` if it cannot be created, such as without its parent.
func makeDirectory(ofSocket path: String) throws(ConfigurationError) {
    let directory = String(path[..<(path.lastIndex(of: "/") ?? path.startIndex)])
    guard unsafe mkdir(directory, 0o750) == 0 || errno == EEXIST else {
        throw ConfigurationError(
            "cannot make the directory '\(directory)' of the socket (errno \(errno)); "
                + "give --socket PATH"
        )
    }
}

/// Listens, and drains at a graceful shutdown.
private struct ListenerService: Service {
    let server: RPCServer
    let running: RunningServer
    let logger: Logger

    func run() async throws {
        defer { self.running.stopped() }
        try await withGracefulShutdownHandler {
            try await self.server.run()
        } onGracefulShutdown: {
            self.logger.notice("stopping: finishing the calls in flight")
            self.running.drainBegan()
            self.server.beginDrain()
        }
    }
}
