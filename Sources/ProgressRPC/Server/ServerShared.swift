import FoundationEssentials
import Logging
import NIOCore
import SwiftProtobuf
import Synchronization

/// What the connections of a server share.
final class ServerShared: Sendable {
    let configuration: RPCServer.Configuration
    let handler: any RPCHandler
    let logger: Logger
    /// Never 0; changes whenever a server starts.
    let epoch: UInt64
    let policy: HandshakePolicy
    let welcome: PBWelcome
    private let start = NIODeadline.now()
    private let connections = Mutex(Connections())
    private let statistics = Mutex(CallStatistics())
    private let fallbackLoop: any EventLoop

    private struct Connections {
        /// All connections, those that are being refused too.
        var open: [ObjectIdentifier: ServerConnection.Reference] = [:]
        /// Those that were taken.
        var taken: Set<ObjectIdentifier> = []
        var countByUser: [UInt32: Int] = [:]
        var isDraining = false
        /// Completed when a draining server has no connection left.
        var whenEmpty: [EventLoopPromise<Void>] = []
    }

    init(
        _ configuration: RPCServer.Configuration,
        handler: any RPCHandler,
        logger: Logger,
        eventLoop: any EventLoop
    ) {
        self.configuration = configuration
        self.handler = handler
        self.logger = logger
        self.fallbackLoop = eventLoop
        let epoch = UInt64.random(in: 1 ... .max)
        self.epoch = epoch
        self.policy = HandshakePolicy(
            features: [.lz4, .clock, .scope],
            receiveByteCount: configuration.receiveByteCount,
            callsInFlight: configuration.callsInFlight,
            clockID: HostClock.id
        )
        self.welcome = PBWelcome.with {
            $0.name = configuration.name
            $0.version = configuration.version
            $0.epoch = epoch
            $0.clockID = .init(HostClock.id)
            $0.defaultTimeoutMs = UInt32(
                clamping: configuration.standardTimeout.nanoseconds / 1_000_000
            )
        }
    }

    func eventLoop(of context: ChannelHandlerContext?) -> any EventLoop {
        context?.eventLoop ?? self.fallbackLoop
    }

    // MARK: Connections

    /// A connection was accepted.
    ///
    /// - Returns: Why it cannot be taken; `nil`: it is taken and counts.
    func connectionOpened(
        _ connection: ServerConnection,
        _ reference: ServerConnection.Reference
    ) -> RPCError? {
        self.connections.withLock { state in
            let id = ObjectIdentifier(connection)
            state.open[id] = reference
            if state.isDraining { return .draining }
            guard state.taken.count < self.configuration.connections else {
                return RPCError(
                    .resourceExhausted,
                    "the server has \(self.configuration.connections) connections, its limit",
                    retryAfter: .seconds(1)
                )
            }
            let user = connection.credentials.userID
            let ofUser = state.countByUser[user, default: 0]
            guard ofUser < self.configuration.connectionsOfOneUser else {
                return RPCError(
                    .resourceExhausted,
                    "this user has \(self.configuration.connectionsOfOneUser) connections, "
                        + "the limit for one",
                    retryAfter: .seconds(1)
                )
            }
            guard connection.role != nil else { return .unknownPeer }
            state.taken.insert(id)
            state.countByUser[user] = ofUser + 1
            return nil
        }
    }

    func connectionClosed(_ connection: ServerConnection) {
        let promises = self.connections.withLock { state -> [EventLoopPromise<Void>] in
            let id = ObjectIdentifier(connection)
            guard state.open.removeValue(forKey: id) != nil else { return [] }
            if state.taken.remove(id) != nil {
                let user = connection.credentials.userID
                let count = state.countByUser[user, default: 1] - 1
                state.countByUser[user] = count > 0 ? count : nil
            }
            guard state.isDraining, state.open.isEmpty else { return [] }
            defer { state.whenEmpty = [] }
            return state.whenEmpty
        }
        for promise in promises { promise.succeed() }
    }

    /// Drains all connections; the future completes when the last is closed.
    func drain(on eventLoop: any EventLoop) -> EventLoopFuture<Void> {
        let promise = eventLoop.makePromise(of: Void.self)
        let open = self.connections.withLock { state -> [ServerConnection.Reference] in
            state.isDraining = true
            if !state.open.isEmpty { state.whenEmpty.append(promise) }
            return Array(state.open.values)
        }
        if open.isEmpty { promise.succeed() }
        for connection in open { connection.perform { $0.drain() } }
        return promise.futureResult
    }

    /// Closes all connections at once.
    func closeAll() {
        let open = self.connections.withLock { Array($0.open.values) }
        for connection in open { connection.perform { $0.close() } }
    }

    // MARK: Statistics

    func callStarted() {
        self.statistics.withLock { $0.inFlightCount += 1 }
    }

    func callAnswered(_ method: Method, _ code: RPCError.Code, microseconds: UInt32) {
        self.statistics.withLock { $0.record(method, code, microseconds: microseconds) }
    }

    func snapshot() -> PBStatsResponse {
        var response = self.statistics.withLock { $0.response }
        response.epoch = self.epoch
        response.uptimeMs = UInt64(
            clamping: (NIODeadline.now() - self.start).nanoseconds / 1_000_000
        )
        response.connections = UInt32(clamping: self.connections.withLock { $0.taken.count })
        return response
    }
}

extension RPCError {
    /// The server takes no connection any more.
    static let draining = RPCError(
        .unavailable,
        "the server is stopping",
        reason: "DRAINING",
        retryAfter: .milliseconds(100)
    )

    /// No role is configured for the peer's user or group.
    static let unknownPeer = RPCError(
        .permissionDenied,
        "no role is configured for this user; see the server's peers file"
    )
}
