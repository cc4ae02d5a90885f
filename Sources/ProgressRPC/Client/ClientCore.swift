import Logging
import NIOCore
import NIOPosix

/// Calls, queue and connection of a client; lives on the client's event loop.
final class ClientCore {
    /// Most calls that wait for a connection or a place on it.
    static let queueLimit = 1_024

    enum Link {
        case none
        case connecting(ClientConnection)
        case open(ClientConnection)
    }

    let eventLoop: any EventLoop
    let configuration: ProgressClient.Configuration
    let logger: Logger?
    var link = Link.none
    private var calls: [UInt64: OutgoingCall] = [:]
    var queue = CircularBuffer<OutgoingCall>()
    private var draining: [ObjectIdentifier: ClientConnection] = [:]
    var backoff: ReconnectBackoff
    var busyBackoff = ReconnectBackoff(
        shortest: .milliseconds(1),
        longest: .milliseconds(50)
    )
    /// No attempt to connect before this, and how calls fail until then; without an error they wait.
    var pause: (end: NIODeadline, error: RPCError?)?
    private var deadlineTimer: LoopTimer?
    var reconnectTimer: LoopTimer?
    var isClosed = false

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

    func makeTimers() {
        let bound = NIOLoopBound(self, eventLoop: self.eventLoop)
        self.deadlineTimer = LoopTimer(on: self.eventLoop) { bound.value.deadlineReached() }
        self.reconnectTimer = LoopTimer(on: self.eventLoop) { bound.value.connectIfNeeded() }
    }

    // MARK: From callers

    func submit(_ call: OutgoingCall) {
        guard !self.isClosed else {
            return call.complete(.failure(.clientClosed))
        }
        if self.deadlineTimer == nil { self.makeTimers() }
        guard call.request.deadline > .now() else {
            return call.complete(.failure(.timedOut))
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
        switch self.link {
        case .none: break
        case .connecting(let connection), .open(let connection): connection.close(nil)
        }
        for connection in self.draining.values { connection.close(nil) }
        self.link = .none
        self.deadlineTimer?.disarm()
        self.reconnectTimer?.disarm()
        // Their actions hold this object.
        self.deadlineTimer = nil
        self.reconnectTimer = nil
    }

    // MARK: From connections

    func connectionOpened(_ connection: ClientConnection, _ welcome: PBWelcome) {
        guard !self.isClosed else { return connection.close(nil) }
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
        self.draining[ObjectIdentifier(connection)] = nil
        switch self.link {
        case .open(let current) where current === connection:
            self.link = .none
            if !connection.hasAnswered {
                // Welcomed and left at once: do not come back in a loop.
                self.pause = (.now() + self.backoff.attemptFailed(random: .random(in: 0...1)), nil)
            }
        case .connecting(let current) where current === connection:
            // Refused, or ended before the handshake did.
            self.link = .none
            self.connectFailed(failure ?? .connectionLost, mayRetry: true)
        default: break
        }
        for call in lost {
            call.lost()
            guard self.calls[call.ticket] != nil else { continue }
            if call.mayBeRetried, !self.isClosed {
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
        isRetryable: Bool,
        on connection: ClientConnection
    ) {
        if error.isNotProcessed { call.refused() }
        // Only a fresh connection can help, and only if there is nothing to wait for.
        if isRetryable, error.isNotProcessed, error.code == .unavailable, error.retryAfter == nil,
            call.mayBeRetried
        {
            self.connectionDraining(connection)
            connection.retire()
            self.sendOrQueue(call)
        } else {
            self.callEnded(call, .failure(error))
            self.placeFreed(on: connection)
        }
    }

    /// A connection has answered a call, so that the server is well.
    func connectionAnswered() {
        self.backoff.attemptSucceeded()
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
        if let pause = self.pause, let error = pause.error, pause.end > .now(),
            !call.request.waits(after: error)
        {
            return self.callEnded(call, .failure(error))
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
                self.abandon(call, .timedOut)
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
}
