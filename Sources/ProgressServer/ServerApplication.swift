import FoundationEssentials
import Glibc
import Logging
import ProgressRPC
import ServiceLifecycle
import UnixSignals

/// The composition root: engine, service, listener, in this order, and their end in the other.
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
        if self.configuration.isDefaultStateDirectory, let path = self.configuration.stateDirectory
        {
            // Without it the server works all the same, and says why.
            _ = unsafe mkdir(path, 0o700)
        }
        let observer = LogObserver(logger: self.logger)
        let running = RunningServer()
        var engineConfiguration = self.engineConfiguration
        engineConfiguration.manifests = self.configuration.manifestDirectory.map { _ in
            ManifestCatalog()
        }
        let engine = try ProgressEngine(
            engineConfiguration,
            render: ProgressAnswer.render(observe: observer.observe),
            serverEpoch: { running.epoch },
            observe: observer.observe
        )
        let handler = ProgressService(engine: engine, server: running, identity: .server)
        let server = RPCServer(
            configuration: self.serverConfiguration,
            handler: handler,
            logger: self.logger
        )
        running.introduce(server)
        let listener = ListenerService(
            server: server,
            engine: engine,
            running: running,
            logger: self.logger
        )
        let pruning = LogPruning(
            conninfo: self.configuration.database,
            observe: observer.observe
        )
        let watch = try self.manifestWatch(for: engine, observe: observer.observe)
        let helpers: [any Service] = [pruning] + (watch.map { [$0] } ?? [])
        let group = ServiceGroup(
            configuration: .init(
                services: ([engine] + helpers + [listener]).map { .init(service: $0) },
                gracefulShutdownSignals: [.sigterm, .sigint],
                logger: self.logger
            )
        )
        try await group.run()
        self.logger.notice("stopped")
    }

    /// Looks for manifests, once before anything is answered.
    ///
    /// - Throws: ``ConfigurationError`` if their directory cannot be listed.
    private func manifestWatch(
        for engine: ProgressEngine,
        observe: @escaping @Sendable (Observation) -> Void
    ) throws(ConfigurationError) -> ManifestWatch? {
        guard let path = self.configuration.manifestDirectory,
            let catalog = engine.context.configuration.manifests
        else { return nil }
        let watch = ManifestWatch(
            ManifestDirectory(path: path),
            for: catalog,
            observe: observe,
            onNews: engine.manifestsChanged
        )
        do throws(ManifestError) {
            try watch.look()
        } catch {
            throw ConfigurationError("--manifests: \(error); give a directory with manifests")
        }
        self.logger.notice("read manifests", metadata: ["count": "\(catalog.count)"])
        return watch
    }

    private var engineConfiguration: ProgressEngine.Configuration {
        var configuration = ProgressEngine.Configuration(conninfo: self.configuration.database)
        configuration.loaderCount = self.configuration.poolSize
        configuration.cacheByteLimit = self.configuration.cacheByteLimit
        configuration.stateDirectory = self.configuration.stateDirectory
        configuration.allowsStandby = self.configuration.allowsStandby
        return configuration
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
    let engine: ProgressEngine
    let running: RunningServer
    let logger: Logger

    func run() async throws {
        defer { self.running.stopped() }
        try await withGracefulShutdownHandler {
            try await self.server.run()
        } onGracefulShutdown: {
            self.logger.notice("stopping: finishing the calls in flight")
            self.running.drainBegan()
            self.engine.beginDrain()
            self.server.beginDrain()
        }
    }
}
