import Hummingbird
import HummingbirdCore
import Logging
import NIOCore
import ProgressRPC
import ProgressTokens
import ServiceLifecycle
import UnixSignals

/// The gateway, put together: tokens and server's client → routes → HTTP.
struct GatewayApplication: Sendable {
    let configuration: GatewayConfiguration
    var limits = GatewayLimits()
    let lines: LogLines
    /// Called once with the address that is listened on.
    var onListening: @Sendable (SocketAddress) async -> Void = { _ in }

    /// Serves until SIGTERM or SIGINT, then finishes the requests in flight.
    ///
    /// - Throws: ``ConfigurationError`` if the token file cannot be used, ``ListenError`` if the
    ///   address cannot.
    func run(stoppingOn signals: [UnixSignal] = [.sigterm, .sigint]) async throws {
        let logger = self.logger()
        logger.notice("starting", metadata: self.configuration.summary)
        let tokens = try self.tokens(logger: logger)
        var clientConfiguration = ProgressClient.Configuration(
            socketPath: self.configuration.socketPath
        )
        clientConfiguration.name = "progress-gateway"
        clientConfiguration.version = GatewayVersion.text
        clientConfiguration.requiresScope = true
        let client = ProgressClient(clientConfiguration, logger: logger)
        clientConfiguration.name = "progress-gateway, waiting"
        let waitingClient = ProgressClient(clientConfiguration, logger: logger)
        let responder = self.responder(
            tokens: tokens,
            client: ScopedProgressClient(
                client: client,
                waitingClient: waitingClient,
                timeout: self.configuration.rpcTimeout
            )
        )
        let server = self.server(responder, logger: logger)
        let reloader = TokenReloader(
            source: tokens,
            interval: self.limits.tokenPollInterval,
            logger: logger
        )
        var group = ServiceGroupConfiguration(
            services: [reloader, server],
            gracefulShutdownSignals: signals,
            logger: logger
        )
        group.maximumGracefulShutdownDuration = self.limits.shutdownGrace
        let result = await self.result { try await ServiceGroup(configuration: group).run() }
        await client.close()
        await waitingClient.close()
        try result.get()
        logger.notice("stopped")
    }

    private func result(_ body: () async throws -> Void) async -> Result<Void, any Error> {
        do {
            return .success(try await body())
        } catch let error as IOError {
            return .failure(ListenError(address: self.configuration.listen, error: error))
        } catch {
            return .failure(error)
        }
    }

    private func logger() -> Logger {
        var handler = JSONLogHandler(lines: self.lines)
        handler.logLevel = self.configuration.logLevel
        return Logger(label: "progress-gateway") { _ in handler }
    }

    private func tokens(logger: Logger) throws(ConfigurationError) -> TokenSource? {
        guard let path = self.configuration.tokensPath else { return nil }
        do {
            return try TokenSource(store: TokenFileStore(path: path), logger: logger)
        } catch {
            throw ConfigurationError("--tokens is '\(path)': \(error)")
        }
    }

    private func responder(
        tokens: TokenSource?,
        client: ScopedProgressClient
    ) -> GatewayResponder {
        let authenticator = Authenticator(
            tokens: tokens,
            anonymous: self.configuration.anonymousScopes.map { Principal(anonymous: $0) }
        )
        return GatewayResponder(
            authenticator: authenticator,
            routes: RouteTable(client: client),
            requestsInFlight: RequestGate(limit: self.limits.requestsInFlight),
            waitingRequests: RequestGate(limit: self.limits.waitingRequests),
            accessLog: self.accessLog
        )
    }

    private var accessLog: AccessLog {
        AccessLog(lines: self.lines, level: self.configuration.logLevel)
    }

    private func server(
        _ responder: GatewayResponder,
        logger: Logger
    ) -> Application<GatewayResponder> {
        let limits = self.limits
        let accessLog = self.accessLog
        let connection = HTTP1Channel.Configuration(
            additionalChannelHandlers: [
                ConnectionRulesInstaller(ConnectionRules(limits: limits, accessLog: accessLog))
            ],
            idleTimeout: TimeAmount(limits.idleTimeout),
            httpDecoderConfiguration: .init(
                maxHeaderFieldSize: limits.headerByteCount,
                maxHeaderListSize: limits.headerByteCount,
                maxHeaderFieldCount: limits.headerFieldCount
            )
        )
        let listen = self.configuration.listen
        let onListening = self.onListening
        // Hummingbird's own lines say less than ours.
        var quiet = logger
        quiet.logLevel = max(logger.logLevel, .warning)
        return Application(
            responder: responder,
            server: .http1(configuration: connection),
            configuration: ApplicationConfiguration(
                address: .hostname(listen.host, port: listen.port),
                backlog: limits.backlog,
                availableConnectionsDelegate: MaximumAvailableConnections(
                    OpenFileLimit.connections(wanted: limits.connectionCount)
                )
            ),
            onServerRunning: { channel in
                guard let address = channel.localAddress else { return }
                logger.notice(
                    "listening",
                    metadata: ["address": "\(GatewayRequestContext.text(of: address) ?? "")"]
                )
                await onListening(address)
            },
            logger: quiet
        )
    }
}
