import NIOCore

/// A REQUEST whose frame is sound.
struct IncomingCall: Equatable, Sendable {
    var id: CallID
    var method: Method
    var flags: FrameFlags
    var payload: RequestPayload
}

/// What one connection of a server does next.
///
///     awaitingHello ──HELLO──▶ open ──drainRequested──▶ draining ──last call ends──▶ closed
///            └─────refused, or a protocol error, or the connection's end─────────────▶ closed
///
/// The table of state × frame is `protocol/SPEC.md`, section 11. `Call` is what the shell keeps of a
/// call in flight.
enum ServerConnectionState<Call>: ~Copyable {
    case awaitingHello
    /// Taking calls; `calls` have not ended.
    case open(Agreement, calls: [CallID: Call])
    /// Finishing the calls in flight and refusing new ones.
    case draining(Agreement, calls: [CallID: Call])
    case closed

    /// What to do about a frame.
    enum FrameAction {
        /// Answer the handshake and go on.
        case welcome(Agreement)
        /// Answer the handshake with a refusal and close.
        case refuseConnection(RPCError)
        /// Start the call's handler.
        case dispatch(Call)
        /// Answer the call without a handler.
        case refuseCall(CallID, RPCError, FrameFlags)
        /// Tell the call's handler to stop.
        case cancel(Call)
        /// Answer a PING.
        case pong(CallID, ByteBuffer)
        case ignore
        /// Say what was wrong in GOAWAY and close.
        case fail(WireError)
    }

    /// A frame has arrived.
    ///
    /// - Parameter makeCall: Makes what is kept of a call that is dispatched.
    mutating func frameReceived(
        _ frame: Frame,
        policy: HandshakePolicy,
        makeCall: (IncomingCall, Agreement) -> Call
    ) -> FrameAction {
        switch consume self {
        case .awaitingHello:
            let action = Self.firstFrameReceived(frame, policy: policy)
            switch action {
            case .welcome(let agreement): self = .open(agreement, calls: [:])
            case .ignore: self = .awaitingHello
            default: self = .closed
            }
            return action
        case .open(let agreement, var calls):
            let action = Self.frameReceived(
                frame,
                agreement,
                &calls,
                isDraining: false,
                makeCall: makeCall
            )
            self = .open(agreement, calls: calls)
            return action
        case .draining(let agreement, var calls):
            let action = Self.frameReceived(
                frame,
                agreement,
                &calls,
                isDraining: true,
                makeCall: makeCall
            )
            self = .draining(agreement, calls: calls)
            return action
        case .closed:
            self = .closed
            return .ignore
        }
    }

    /// The bytes of the connection break the protocol.
    func wireErrorFound(_ error: WireError) -> FrameAction {
        switch self {
        case .awaitingHello: .refuseConnection(RPCError(.badMessage, error.message))
        case .closed: .ignore
        default: .fail(error)
        }
    }

    /// A call's handler has ended.
    ///
    /// - Returns: Whether the connection is drained and must be closed.
    mutating func callEnded(_ id: CallID) -> Bool {
        switch consume self {
        case .awaitingHello:
            self = .awaitingHello
            return false
        case .open(let agreement, var calls):
            calls[id] = nil
            self = .open(agreement, calls: calls)
            return false
        case .draining(let agreement, var calls):
            calls[id] = nil
            self = .draining(agreement, calls: calls)
            return calls.isEmpty
        case .closed:
            self = .closed
            return false
        }
    }

    enum DrainAction: Equatable {
        /// Send GOAWAY; calls are in flight.
        case announce
        /// Send GOAWAY and close: no call is in flight.
        case announceAndClose
        /// Refuse the connection: its HELLO has not come.
        case refuse
        case ignore
    }

    /// The server is to stop.
    mutating func drainRequested() -> DrainAction {
        switch consume self {
        case .awaitingHello:
            self = .closed
            return .refuse
        case .open(let agreement, let calls):
            self = .draining(agreement, calls: calls)
            return calls.isEmpty ? .announceAndClose : .announce
        case .draining(let agreement, let calls):
            self = .draining(agreement, calls: calls)
            return .ignore
        case .closed:
            self = .closed
            return .ignore
        }
    }

    /// The client will send no more.
    ///
    /// - Returns: Whether the connection must be closed: no call is in flight.
    mutating func inputEnded() -> Bool {
        switch consume self {
        case .open(let agreement, let calls):
            self = .draining(agreement, calls: calls)
            return calls.isEmpty
        case .draining(let agreement, let calls):
            self = .draining(agreement, calls: calls)
            return calls.isEmpty
        default:
            self = .closed
            return true
        }
    }

    /// The connection has ended; gives the calls whose handlers must be told.
    mutating func connectionClosed() -> [Call] {
        switch consume self {
        case .open(_, let calls):
            self = .closed
            return Array(calls.values)
        case .draining(_, let calls):
            self = .closed
            return Array(calls.values)
        default:
            self = .closed
            return []
        }
    }

    /// The calls in flight.
    func forEachCall(_ body: (Call) -> Void) {
        switch self {
        case .open(_, let calls): for call in calls.values { body(call) }
        case .draining(_, let calls): for call in calls.values { body(call) }
        default: break
        }
    }
}
