public import NIOCore
public import SwiftProtobuf
import Synchronization

/// Answers the calls of all connections.
public protocol RPCHandler: Sendable {
    /// A call has arrived.
    ///
    /// Runs on the connection's event loop and must not block. The handler answers the call exactly
    /// once, now or later, on any thread; until it has, the call keeps its place among the
    /// ``Limits/callsInFlight``.
    func handle(_ call: ServerCall)

    /// All calls that had arrived on a connection were handed over.
    ///
    /// Runs on the connection's event loop: answers given here leave in one write. By default it
    /// does nothing.
    func readCompleted()
}

extension RPCHandler {
    /// Does nothing.
    public func readCompleted() {}
}

/// A call that waits for its answer.
public final class ServerCall: Sendable {
    /// What is asked.
    public let method: Method
    /// What came with the request.
    public let meta: PBRequestMeta
    /// The method's request message, still encoded.
    public let body: ByteBuffer
    /// What the peer may do; `gateway` also for a trusted peer that asked to be held to scopes.
    public let role: PeerRole
    /// When the caller stops waiting.
    public let deadline: NIODeadline
    /// The event loop of the connection.
    public var eventLoop: any EventLoop { self.connection.eventLoop }

    let id: CallID
    let flags: FrameFlags
    let arrival: NIODeadline
    /// Why the call is answered without a handler; `nil`: it is not.
    let rejection: RPCError?
    private let connection: ServerConnection.Reference
    private let state = Mutex(State())

    private struct State {
        var isEnded = false
        var isAnswered = false
        var isCancelled = false
        var cancellation: (@Sendable () -> Void)?
    }

    init(
        _ admission: CallAdmission,
        _ incoming: IncomingCall,
        connection: ServerConnection.Reference
    ) {
        self.method = incoming.method
        self.meta = admission.meta
        self.body = admission.body
        self.role = admission.role
        self.deadline = admission.deadline
        self.rejection = admission.rejection
        self.id = incoming.id
        self.flags = incoming.flags
        self.arrival = admission.arrival
        self.connection = connection
    }

    /// Answers with an encoded message.
    public func succeed(_ body: ByteBuffer) {
        self.end(.success(body))
    }

    /// Answers with a message.
    public func succeed(_ message: some SwiftProtobuf.Message) {
        do throws(RPCError) {
            self.end(.success(try message.encoded()))
        } catch {
            self.end(.failure(error))
        }
    }

    /// Answers that what the caller holds still stands.
    public func notModified() {
        self.end(.notModified)
    }

    /// Answers with an error.
    public func fail(_ error: RPCError) {
        self.end(.failure(error))
    }

    /// Decodes the body.
    ///
    /// - Throws: ``RPCError`` with code `badMessage`.
    public func message<Message: SwiftProtobuf.Message>(
        _ type: Message.Type
    ) throws(RPCError) -> Message {
        try Message(decoding: self.body)
    }

    /// Whether the caller sent no scope and needs none: it may see everything.
    public var seesEverything: Bool { !self.meta.hasScope && self.role == .trusted }

    /// What the caller may see.
    ///
    /// - Throws: ``RPCError`` with code `unauthenticated` if the role must send a scope and did not,
    ///   or `invalidArgument` for more than ``Limits/scopePatterns`` patterns.
    public func scope() throws(RPCError) -> PBScope {
        guard self.meta.hasScope else {
            guard self.role == .trusted else {
                throw RPCError(
                    .unauthenticated,
                    "this connection must send a scope with each call",
                    reason: "SCOPE_REQUIRED",
                    isNotProcessed: true
                )
            }
            return PBScope.with {
                $0.all = true
                $0.details = true
            }
        }
        let count = self.meta.scope.datasets.count
        guard count <= Limits.scopePatterns else {
            throw RPCError(
                .invalidArgument,
                "the scope has \(count) patterns; the limit is \(Limits.scopePatterns)",
                isNotProcessed: true
            )
        }
        return self.meta.scope
    }

    /// Whether nobody waits for the answer any more.
    public var isCancelled: Bool {
        self.state.withLock { $0.isCancelled }
    }

    /// Runs `body` when the call is cancelled, its deadline passes or its connection ends.
    ///
    /// At once if that has happened; never after the call was answered. Only the last `body` given
    /// counts.
    public func onCancellation(_ body: @escaping @Sendable () -> Void) {
        let runsNow = self.state.withLock { state in
            guard !state.isEnded else { return false }
            state.cancellation = state.isCancelled ? nil : body
            return state.isCancelled
        }
        if runsNow { body() }
    }

    /// Tells the handler to stop.
    func cancel() {
        let cancellation = self.state.withLock { state -> (@Sendable () -> Void)? in
            guard !state.isEnded, !state.isCancelled else { return nil }
            state.isCancelled = true
            defer { state.cancellation = nil }
            return state.cancellation
        }
        // Outside the lock: the handler may answer from within.
        cancellation?()
    }

    /// Takes the right to send the call's RESPONSE; `false` if it was taken before.
    func claimAnswer() -> Bool {
        self.state.withLock { state in
            defer { state.isAnswered = true }
            return !state.isAnswered
        }
    }

    private func end(_ outcome: CallOutcome) {
        let wasEnded = self.state.withLock { state in
            defer {
                state.isEnded = true
                state.cancellation = nil
            }
            return state.isEnded
        }
        // A handler's mistake shows in tests; in operation one call too many must not end them all.
        assert(!wasEnded, "a call is answered once; \(self.method.name) was answered twice")
        guard !wasEnded else { return }
        self.connection.callEnded(self, outcome)
    }
}
