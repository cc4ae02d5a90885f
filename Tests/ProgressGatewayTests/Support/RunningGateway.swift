import Glibc
import Logging
import NIOCore
import NIOPosix
import ProgressRPC
import ProgressTokens
import ServiceLifecycle
import Testing

@testable import ProgressGateway

/// A gateway that serves real HTTP on a port of its own, from a canned server on a socket of its
/// own.
struct RunningGateway: Sendable {
    let address: SocketAddress
    let server: CannedServer
    let log: LogCapture
    let tokens: TokenFileStore
    /// The tokens that were there at the start, by name.
    let secrets: [String: String]

    private let services: ServiceGroup

    init(
        address: SocketAddress,
        server: CannedServer,
        log: LogCapture,
        tokens: TokenFileStore,
        secrets: [String: String],
        services: ServiceGroup
    ) {
        self.address = address
        self.server = server
        self.log = log
        self.tokens = tokens
        self.secrets = secrets
        self.services = services
    }

    /// Has the gateway stop as SIGTERM does; ``withGateway`` waits for its end.
    func stop() async {
        await self.services.triggerGracefulShutdown()
    }

    /// Sends `bytes` on a new connection and reads until the gateway closes it.
    func exchange(_ bytes: String) async throws -> String {
        let channel = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .connect(to: self.address) { channel in
                channel.eventLoop.makeCompletedFuture {
                    try NIOAsyncChannel<ByteBuffer, ByteBuffer>(
                        wrappingChannelSynchronously: channel
                    )
                }
            }
        return try await channel.executeThenClose { inbound, outbound in
            try await outbound.write(ByteBuffer(string: bytes))
            var received = ByteBuffer()
            for try await part in inbound { received.writeImmutableBuffer(part) }
            return String(buffer: received)
        }
    }

    /// Makes one request and reads its answer.
    func request(
        _ method: String = "GET",
        _ target: String,
        _ fields: [String] = []
    ) async throws -> HTTPAnswer {
        let lines = ["\(method) \(target) HTTP/1.1", "Host: gateway", "Connection: close"] + fields
        let text = try await self.exchange(lines.joined(separator: "\r\n") + "\r\n\r\n")
        let answers = try HTTPAnswer.parse(text, isHead: method == "HEAD")
        #expect(answers.count == 1)
        return try #require(answers.first)
    }

    /// Makes a request with a token.
    func get(_ target: String, token: String) async throws -> HTTPAnswer {
        try await self.request("GET", target, ["Authorization: Bearer \(token)"])
    }
}

/// Runs a gateway around `body`.
///
/// - Parameters:
///   - replies: What calls of other methods than those about progress are answered with.
///   - anonymous: What callers without a token may see.
///   - tokens: Tokens to create beforehand, by name, with their scopes.
func withGateway<Value: Sendable>(
    _ outcomes: [Int64: CannedServer.Outcome] = [42: .progress(.sample())],
    replies: [ProgressRPC.Method: Result<ByteBuffer, RPCError>] = [:],
    anonymous: [Scope]? = nil,
    tokens scopes: [String: [String]] = [:],
    rpcTimeout: Duration = .seconds(5),
    limits: GatewayLimits = GatewayLimits(),
    isServerUp: Bool = true,
    peers: @escaping @Sendable (PeerCredentials) -> PeerRole? = { _ in .gateway },
    _ body: @escaping @Sendable (RunningGateway) async throws -> Value
) async throws -> Value {
    try await withTemporaryDirectory { directory in
        let server = CannedServer(outcomes, replies: replies)
        let tokens = TokenFileStore(path: directory + "/tokens.json")
        _ = try tokens.create(name: "first", scopes: [.metrics], notAfter: nil)
        var secrets: [String: String] = [:]
        for (name, scopes) in scopes {
            let parsed = try scopes.map { try Scope(parsing: $0) }
            secrets[name] = try tokens.create(name: name, scopes: parsed, notAfter: nil).secret
        }
        let socketPath = directory + "/rpc.sock"
        var options = ["listen": "127.0.0.1:0", "socket": socketPath, "tokens": tokens.path]
        options["anonymous-scope"] = anonymous?.map(\.description).joined(separator: " ")
        var configuration = try GatewayConfiguration(options: options, environment: [:])
        configuration.rpcTimeout = rpcTimeout
        let log = LogCapture()
        let (addresses, listening) = AsyncStream.makeStream(of: SocketAddress.self)
        let application = GatewayApplication(
            configuration: configuration,
            limits: limits,
            lines: log.lines,
            onListening: { address in
                listening.yield(address)
                listening.finish()
            }
        )
        var serverConfiguration = RPCServer.Configuration(socketPath: socketPath)
        serverConfiguration.peers = peers
        let rpcServer = RPCServer(
            configuration: serverConfiguration,
            handler: server,
            logger: Logger(label: "test")
        )
        let secretsByName = secrets
        let services = ServiceGroup(
            services: [GatewayService(application: application)],
            logger: Logger(label: "test")
        )
        return try await withThrowingTaskGroup(of: Void.self) { group in
            if isServerUp { group.addTask { try await rpcServer.run() } }
            group.addTask {
                defer { listening.finish() }
                try await services.run()
            }
            // The socket is put in place when it accepts.
            while isServerUp, access(socketPath, F_OK) != 0, !Task.isCancelled {
                await Task.yield()
            }
            let address = try #require(await addresses.first { _ in true })
            let value = try await body(
                RunningGateway(
                    address: address,
                    server: server,
                    log: log,
                    tokens: tokens,
                    secrets: secretsByName,
                    services: services
                )
            )
            await services.triggerGracefulShutdown()
            // The first to end is the gateway, as the server goes on until it is cancelled.
            try await group.next()
            group.cancelAll()
            return value
        }
    }
}

/// A gateway as a service, so that a test can stop it as a signal does.
private struct GatewayService: Service {
    let application: GatewayApplication

    func run() async throws {
        try await self.application.run(stoppingOn: [])
    }
}
