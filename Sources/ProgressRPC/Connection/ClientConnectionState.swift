import NIOCore

/// What one connection of a client does next.
///
///     awaitingWelcome ──WELCOME──▶ open ──GOAWAY, or done──▶ draining ──last call ends──▶ closed
///            └──────refused, or a protocol error, or the connection's end──────────────────▶ closed
///
/// The table of state × frame is `protocol/SPEC.md`, section 11. `Call` is what the shell keeps of a
/// call in flight. A call that was given up stays until its answer comes, with `nil` for the call.
enum ClientConnectionState<Call>: ~Copyable {
    case awaitingWelcome
    case open(Agreement, calls: [CallID: Call?], lastID: UInt64)
    /// Finishing the calls in flight; new ones go to another connection.
    case draining(Agreement, calls: [CallID: Call?], lastID: UInt64)
    case closed

    /// What to do about a frame.
    enum FrameAction {
        /// The server took the connection.
        case opened(Agreement, PBWelcome)
        /// The server refused the connection; close.
        case refused(RPCError)
        /// A call is answered.
        case complete(Call, FrameHeader, ResponsePayload, isDrained: Bool)
        /// A call that was given up is answered.
        case drop(isDrained: Bool)
        case pong(CallID, ByteBuffer)
        /// Send no more calls here.
        case stopSending(isDrained: Bool)
        case ignore
        /// Say what was wrong in GOAWAY and close.
        case fail(WireError)
    }

    /// A frame has arrived.
    ///
    /// - Parameter offered: The features that HELLO asked for.
    mutating func frameReceived(_ frame: Frame, offered: Features) -> FrameAction {
        switch consume self {
        case .awaitingWelcome:
            let action = Self.firstFrameReceived(frame, offered: offered)
            switch action {
            case .opened(let agreement, _): self = .open(agreement, calls: [:], lastID: 0)
            case .ignore: self = .awaitingWelcome
            default: self = .closed
            }
            return action
        case .open(let agreement, var calls, let lastID):
            let action = Self.frameReceived(frame, agreement, &calls, lastID, isDraining: false)
            if case .stopSending = action {
                self = .draining(agreement, calls: calls, lastID: lastID)
            } else {
                self = .open(agreement, calls: calls, lastID: lastID)
            }
            return action
        case .draining(let agreement, var calls, let lastID):
            let action = Self.frameReceived(frame, agreement, &calls, lastID, isDraining: true)
            self = .draining(agreement, calls: calls, lastID: lastID)
            return action
        case .closed:
            self = .closed
            return .ignore
        }
    }

    enum SendAction: Equatable {
        case send(CallID, Agreement)
        /// The most calls that the server takes are in flight; wait for one to end.
        case wait
        /// This connection takes no more calls; use another.
        case useAnother
    }

    /// A call is to be sent.
    mutating func callRequested(_ call: Call) -> SendAction {
        switch consume self {
        case .open(let agreement, var calls, let lastID):
            guard calls.count < agreement.callsInFlight else {
                self = .open(agreement, calls: calls, lastID: lastID)
                return .wait
            }
            let id = CallID(rawValue: lastID + 1)
            calls[id] = .some(call)
            self = .open(agreement, calls: calls, lastID: id.rawValue)
            return .send(id, agreement)
        case .awaitingWelcome:
            self = .awaitingWelcome
            return .wait
        case .draining(let agreement, let calls, let lastID):
            self = .draining(agreement, calls: calls, lastID: lastID)
            return .useAnother
        case .closed:
            self = .closed
            return .useAnother
        }
    }

    enum GiveUpAction: Equatable {
        case sendCancel
        /// Nobody waits for anything any more on a connection that takes no calls.
        case close
        case ignore
    }

    /// The caller has given a call up.
    mutating func callGivenUp(_ id: CallID) -> GiveUpAction {
        switch consume self {
        case .open(let agreement, var calls, let lastID):
            let isInFlight = (calls[id] ?? nil) != nil
            if isInFlight { calls[id] = .some(nil) }
            self = .open(agreement, calls: calls, lastID: lastID)
            return isInFlight ? .sendCancel : .ignore
        case .draining(let agreement, var calls, let lastID):
            let isInFlight = (calls[id] ?? nil) != nil
            if isInFlight { calls[id] = .some(nil) }
            let isAwaited = calls.values.contains { $0 != nil }
            self = .draining(agreement, calls: calls, lastID: lastID)
            guard isInFlight else { return .ignore }
            return isAwaited ? .sendCancel : .close
        case .awaitingWelcome:
            self = .awaitingWelcome
            return .ignore
        case .closed:
            self = .closed
            return .ignore
        }
    }

    /// No more calls are to be sent here.
    ///
    /// - Returns: Whether the connection is drained and must be closed.
    mutating func drainRequested() -> Bool {
        switch consume self {
        case .open(let agreement, let calls, let lastID):
            self = .draining(agreement, calls: calls, lastID: lastID)
            return !calls.values.contains { $0 != nil }
        case .draining(let agreement, let calls, let lastID):
            self = .draining(agreement, calls: calls, lastID: lastID)
            return !calls.values.contains { $0 != nil }
        default:
            self = .closed
            return true
        }
    }

    /// A call that was to be sent was not.
    mutating func callDiscarded(_ id: CallID) {
        switch consume self {
        case .open(let agreement, var calls, let lastID):
            calls[id] = nil
            self = .open(agreement, calls: calls, lastID: lastID)
        case .draining(let agreement, var calls, let lastID):
            calls[id] = nil
            self = .draining(agreement, calls: calls, lastID: lastID)
        case .awaitingWelcome: self = .awaitingWelcome
        case .closed: self = .closed
        }
    }

    /// The connection has ended; gives the calls that will get no answer on it.
    mutating func connectionClosed() -> [Call] {
        switch consume self {
        case .open(_, let calls, _):
            self = .closed
            return calls.values.compactMap { $0 }
        case .draining(_, let calls, _):
            self = .closed
            return calls.values.compactMap { $0 }
        default:
            self = .closed
            return []
        }
    }
}
