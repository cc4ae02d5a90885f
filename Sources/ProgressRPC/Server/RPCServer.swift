public import Logging
public import NIOCore
public import NIOPosix
import Synchronization

/// Serves calls on a Unix socket.
public final class RPCServer: Sendable {
    private let shared: ServerShared
    private let group: any EventLoopGroup
    private let listener = Mutex(Listener.idle)

    private enum Listener {
        case idle
        case listening(any Channel, SocketFile)
        case stopped
    }

    /// Changes whenever a server starts; never 0.
    public var epoch: UInt64 { self.shared.epoch }

    /// Creates a server; ``run()`` starts it.
    public init(
        configuration: Configuration,
        handler: any RPCHandler,
        logger: Logger,
        group: any EventLoopGroup = MultiThreadedEventLoopGroup.singleton
    ) {
        self.group = group
        self.shared = ServerShared(
            configuration,
            handler: handler,
            logger: logger,
            eventLoop: group.next()
        )
    }

    /// Listens, and returns when the server has drained or was cancelled.
    ///
    /// Cancelling closes all connections at once; ``beginDrain()`` lets calls finish first. A server
    /// runs once: after either this returns at once.
    ///
    /// - Throws: ``SocketFileError`` if the path cannot be taken.
    public func run() async throws {
        let stopped = try await self.listen()
        try await withTaskCancellationHandler {
            try await stopped.get()
        } onCancel: {
            self.stop(drains: false)
        }
    }

    /// Stops listening and finishes the calls in flight, within the configured time.
    public func beginDrain() {
        self.stop(drains: true)
    }

    /// Calls and latencies since the server started.
    public func statistics() -> PBStatsResponse {
        self.shared.snapshot()
    }

    private func listen() async throws -> EventLoopFuture<Void> {
        let shared = self.shared
        let file = try SocketFile(claiming: shared.configuration.socketPath)
        let bootstrap = ServerBootstrap(group: self.group)
            .serverChannelOption(.backlog, value: 4_096)
            .serverChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(AcceptPause())
                }
            }
            .childChannelOption(.allowRemoteHalfClosure, value: true)
            .childChannelOption(
                .writeBufferWaterMark,
                value: .init(low: Limits.outputResumeByteCount, high: Limits.outputPauseByteCount)
            )
            .childChannelInitializer { channel in
                if let byteCount = shared.configuration.socketBufferByteCount {
                    channel.setOption(.socketOption(.so_sndbuf), value: byteCount)
                        .whenFailure { _ in }
                }
                return PeerCredentials.read(from: channel).flatMapThrowing { credentials in
                    try channel.pipeline.syncOperations.addHandler(
                        ServerConnection(credentials, shared: shared)
                    )
                }
            }
        let channel: any Channel
        do {
            channel = try await bootstrap.bind(unixDomainSocketPath: file.bindPath).get()
        } catch {
            file.release()
            throw error
        }
        do {
            try file.publish(mode: shared.configuration.socketMode)
        } catch {
            file.release()
            channel.close(promise: nil)
            throw error
        }
        let isStopped = self.listener.withLock { listener in
            if case .stopped = listener { return true }
            listener = .listening(channel, file)
            return false
        }
        shared.logger.debug("listening", metadata: ["socket": "\(file.path)"])
        let stopped = channel.eventLoop.makePromise(of: Void.self)
        channel.closeFuture.whenComplete { _ in
            file.release()
            shared.drain(on: channel.eventLoop).cascade(to: stopped)
        }
        if isStopped {
            file.release()
            channel.close(promise: nil)
        }
        return stopped.futureResult
    }

    private func stop(drains: Bool) {
        let previous = self.listener.withLock { listener in
            defer { listener = .stopped }
            return listener
        }
        if case .listening(let channel, let file) = previous {
            file.release()
            channel.close(promise: nil)
        }
        guard drains else { return self.shared.closeAll() }
        let shared = self.shared
        self.group.next().scheduleTask(in: shared.configuration.drainTimeout) { shared.closeAll() }
    }
}
