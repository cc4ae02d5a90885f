import Logging
import NIOCore
import NIOPosix

/// Calls, queue and connection of a client; lives on the client's event loop.
final class ClientCore {
    /// Most calls that wait for a connection or a place on it.
    static let queueLimit = 1_024

    private enum Link {
        case none
        case connecting
        case open(ClientConnection)
    }

    let eventLoop: any EventLoop
    private let configuration: ProgressClient.Configuration
    private let logger: Logger?
    private var link = Link.none
    private var calls: [UInt64: OutgoingCall] = [:]
    private var queue = CircularBuffer<OutgoingCall>()
    private var draining: [ObjectIdentifier: ClientConnection] = [:]
    private var backoff: ReconnectBackoff
    private var busyBackoff = ReconnectBackoff(
        shortest: .milliseconds(1),
        longest: .milliseconds(50)
    )
    /// No attempt to connect before this, and why the last one failed.
    private var pause: (end: NIODeadline, error: RPCError)?
    private var deadlineTimer: LoopTimer?
    private var reconnectTimer: LoopTimer?
    private var isClosed = false

    init(
        _ configuration: ProgressClient.Configuration,
        on eventLoop: any EventLoop,
        _ logger: Logger?
    ) {
        self.configuration = configuration
        self.eventLoop = eventLoop
        self.logger = logger
        self.backoff = ReconnectBackoff(
            shortest: configuration.shortestBackoff,
            longest: configuration.longestBackoff
        )
    }

    /// Makes the timers; once, on the event loop.
    func start() {
        let bound = NIOLoopBound(self, eventLoop: self.eventLoop)
        self.deadlineTimer = LoopTimer(on: self.eventLoop) { bound.value.deadlineReached() }
        self.reconnectTimer = LoopTimer(on: self.eventLoop) { bound.value.connectIfNeeded() }
    }

    // MARK: From callers

    func submit(_ call: OutgoingCall) {
        guard !self.isClosed else {
            return call.complete(.failure(.clientClosed))
        }
        guard call.request.deadline > .now() else {
            return call.complete(.failure(.timedOut(sent: false)))
        }
        self.calls[call.ticket] = call
        self.deadlineTimer?.arm(at: call.request.deadline)
        self.sendOrQueue(call)
    }

    /// The caller's task was cancelled.
    func giveUp(_ ticket: UInt64) {
        guard let call = self.calls[ticket] else { return }
        self.abandon(call, RPCError(.cancelled, "the caller cancelled the call"))
    }

    /// Fails all calls and closes the connections; what comes later fails at once.
    func close() {
        self.isClosed = true
        for call in Array(self.calls.values) { self.callEnded(call, .failure(.clientClosed)) }
        self.queue.removeAll()
        if case .open(let connection) = self.link { connection.close(nil) }
        for connection in self.draining.values { connection.close(nil) }
        self.link = .none
        self.deadlineTimer?.disarm()
        self.reconnectTimer?.disarm()
    }

    // MARK: From connections

    func isOpen(_ connection: ClientConnection) -> Bool {
        if case .open(let current) = self.link, current === connection { return true }
        return self.draining[ObjectIdentifier(connection)] != nil
    }

    func connectionOpened(_ connection: ClientConnection, _ welcome: PBWelcome) {
        guard !self.isClosed else { return connection.close(nil) }
        self.backoff.attemptSucceeded()
        self.busyBackoff.attemptSucceeded()
        self.pause = nil
        self.link = .open(connection)
        self.logger?.debug(
            "connected",
            metadata: ["server": "\(welcome.name)", "version": "\(welcome.version)"]
        )
        self.placeFreed(on: connection)
    }

    func connectionDraining(_ connection: ClientConnection) {
        self.draining[ObjectIdentifier(connection)] = connection
        if case .open(let current) = self.link, current === connection { self.link = .none }
        self.connectIfNeeded()
    }

    func connectionEnded(
        _ connection: ClientConnection,
        lost: [OutgoingCall],
        _ failure: RPCError?
    ) {
        let wasDraining = self.draining.removeValue(forKey: ObjectIdentifier(connection)) != nil
        if case .open(let current) = self.link, current === connection {
            self.link = .none
        } else if !wasDraining, case .connecting = self.link {
            // Refused, or ended before the handshake did.
            self.link = .none
            self.connectFailed(failure ?? .connectionLost)
        }
        for call in lost {
            guard self.calls[call.ticket] != nil else { continue }
            if call.attemptCount < 2, !self.isClosed {
                self.sendOrQueue(call)
            } else {
                self.callEnded(call, .failure(failure ?? .connectionLost))
            }
        }
        self.connectIfNeeded()
    }

    /// A call was answered with an error.
    func callFailed(
        _ call: OutgoingCall,
        _ error: RPCError,
        mayRetry: Bool,
        on connection: ClientConnection
    ) {
        if mayRetry, error.isNotProcessed, error.code == .unavailable, call.attemptCount < 2 {
            // Only a fresh connection can help.
            self.connectionDraining(connection)
            self.sendOrQueue(call)
        } else {
            self.callEnded(call, .failure(error))
            self.placeFreed(on: connection)
        }
    }

    func callEnded(_ call: OutgoingCall, _ result: Result<Reply, RPCError>) {
        self.calls[call.ticket] = nil
        call.complete(result)
    }

    /// The connection may take a call more.
    func placeFreed(on connection: ClientConnection) {
        guard case .open(let current) = self.link, current === connection else { return }
        while let call = self.queue.first {
            guard self.calls[call.ticket] != nil else {
                self.queue.removeFirst()
                continue
            }
            switch connection.send(call) {
            case .sent: self.queue.removeFirst()
            case .failed(let error):
                self.queue.removeFirst()
                self.callEnded(call, .failure(error))
            case .wait: return
            case .useAnother: return self.connectionDraining(connection)
            }
        }
    }

    // MARK: Queue and time

    private func sendOrQueue(_ call: OutgoingCall) {
        call.place = .queued
        if case .open(let connection) = self.link, self.queue.isEmpty {
            switch connection.send(call) {
            case .sent: return
            case .failed(let error): return self.callEnded(call, .failure(error))
            case .wait: break
            case .useAnother:
                self.draining[ObjectIdentifier(connection)] = connection
                self.link = .none
            }
        }
        if let pause = self.pause, pause.end > .now(), !call.request.waitsForConnection {
            return self.callEnded(call, .failure(pause.error))
        }
        guard self.queue.count < Self.queueLimit else {
            return self.callEnded(call, .failure(.queueFull))
        }
        self.queue.append(call)
        self.connectIfNeeded()
    }

    private func deadlineReached() {
        let now = NIODeadline.now()
        for call in Array(self.calls.values) {
            if call.request.deadline <= now {
                self.abandon(call, .timedOut(sent: call.attemptCount > 0))
            } else {
                self.deadlineTimer?.arm(at: call.request.deadline)
            }
        }
    }

    private func abandon(_ call: OutgoingCall, _ error: RPCError) {
        self.callEnded(call, .failure(error))
        switch call.place {
        case .inFlight(let connection, let id): connection.giveUp(id)
        case .queued: self.queue.removeAll { $0 === call }
        }
    }

    // MARK: Connecting

    private func connectIfNeeded() {
        guard case .none = self.link, !self.queue.isEmpty, !self.isClosed else { return }
        if let pause = self.pause, pause.end > .now() {
            self.reconnectTimer?.arm(at: pause.end)
            return
        }
        self.link = .connecting
        let connection = ClientConnection(core: self, configuration: self.configuration)
        let bound = NIOLoopBound((self, connection), eventLoop: self.eventLoop)
        ClientBootstrap(group: self.eventLoop)
            .connectTimeout(.seconds(5))
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(bound.value.1)
                }
            }
            .connect(to: SocketAddress(unixPath: self.configuration.socketPath))
            .hop(to: self.eventLoop)
            .whenFailure { error in bound.value.0.couldNotConnect(error) }
    }

    private func couldNotConnect(_ error: any Error) {
        guard case .connecting = self.link else { return }
        self.link = .none
        if let error = error as? IOError, error.errnoCode == 11 {
            // The server's backlog is full (EAGAIN on a Unix socket): try again very soon.
            let delay = self.busyBackoff.attemptFailed(random: .random(in: 0...1))
            self.pause = (.now() + delay, .unreachable)
            self.connectIfNeeded()
        } else {
            self.connectFailed(.unreachable)
            self.connectIfNeeded()
        }
    }

    private func connectFailed(_ error: RPCError) {
        let delay = self.backoff.attemptFailed(random: .random(in: 0...1))
        var error = error
        error.isNotProcessed = true
        self.pause = (.now() + delay, error)
        self.logger?.debug("cannot connect", metadata: ["error": "\(error)"])
        let waiting = self.queue.filter { $0.request.waitsForConnection }
        let failing = self.queue.filter { !$0.request.waitsForConnection }
        self.queue = CircularBuffer(waiting)
        for call in failing { self.callEnded(call, .failure(error)) }
    }
}

extension RPCError {
    static let clientClosed = RPCError(.cancelled, "the client is closed", isNotProcessed: true)
    static let connectionLost = RPCError(.unavailable, "the connection to the server was lost")
    static let unreachable = RPCError(
        .unavailable,
        "the server cannot be reached; is it running?",
        retryAfter: .seconds(1),
        isNotProcessed: true
    )
    static let queueFull = RPCError(
        .resourceExhausted,
        "\(ClientCore.queueLimit) calls wait already; the limit",
        reason: "TOO_MANY_CALLS",
        isNotProcessed: true
    )

    static func timedOut(sent: Bool) -> RPCError {
        RPCError(
            .deadlineExceeded,
            "the time ran out before the server answered",
            isNotProcessed: !sent
        )
    }
}
