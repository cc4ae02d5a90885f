import FoundationEssentials
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

    /// The caller has given a call up.
    ///
    /// - Returns: Whether CANCEL must be sent.
    mutating func callGivenUp(_ id: CallID) -> Bool {
        switch consume self {
        case .open(let agreement, var calls, let lastID):
            let isInFlight = (calls[id] ?? nil) != nil
            if isInFlight { calls[id] = .some(nil) }
            self = .open(agreement, calls: calls, lastID: lastID)
            return isInFlight
        case .draining(let agreement, var calls, let lastID):
            let isInFlight = (calls[id] ?? nil) != nil
            if isInFlight { calls[id] = .some(nil) }
            self = .draining(agreement, calls: calls, lastID: lastID)
            return isInFlight
        case .awaitingWelcome:
            self = .awaitingWelcome
            return false
        case .closed:
            self = .closed
            return false
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

extension ClientConnectionState {
    private static func firstFrameReceived(
        _ frame: Frame,
        offered: Features
    ) -> FrameAction {
        let header = frame.header
        guard header.type == .welcome else {
            if header.type.isIgnorable { return .ignore }
            let error = WireError.protocolError(
                "the first frame has type \(header.type.rawValue); it must be WELCOME"
            )
            return .fail(error)
        }
        do throws(WireError) {
            try header.checkFields()
            var payload = frame.payload
            let handshake = try Handshake(decoding: &payload)
            let welcome: PBWelcome
            do throws(RPCError) {
                welcome = try PBWelcome(decoding: payload)
            } catch {
                throw .protocolError(error.message)
            }
            guard header.code == 0 else {
                let error = RPCError(
                    code: header.code,
                    message: welcome.refusal,
                    isNotProcessed: true
                )
                return .refused(error)
            }
            guard handshake.versions.count == 1,
                Handshake.supportedVersions.contains(handshake.versions.upperBound)
            else {
                throw .protocolError(
                    "WELCOME chose versions \(handshake.versions.lowerBound) to "
                        + "\(handshake.versions.upperBound); it must choose one that was offered"
                )
            }
            let agreement = Agreement(
                version: handshake.versions.upperBound,
                features: handshake.features.intersection(offered),
                peerReceiveByteCount: min(
                    Int(handshake.receiveByteCount),
                    Limits.payloadByteCountEnd - 1
                ),
                callsInFlight: Int(handshake.callsInFlight)
            )
            return .opened(agreement, welcome)
        } catch {
            return .fail(error)
        }
    }

    private static func frameReceived(
        _ frame: Frame,
        _ agreement: Agreement,
        _ calls: inout [CallID: Call?],
        _ lastID: UInt64,
        isDraining: Bool
    ) -> FrameAction {
        let header = frame.header
        do throws(WireError) {
            switch header.type {
            case .response:
                try header.checkFields()
                guard let call = calls.removeValue(forKey: header.callID) else {
                    throw .protocolError(
                        "a response for call \(header.callID.rawValue), which is not in flight"
                    )
                }
                let isDrained = isDraining && calls.isEmpty
                guard let call else { return .drop(isDrained: isDrained) }
                let payload: ResponsePayload
                do throws(WireError) {
                    guard !header.flags.contains(.lz4) || agreement.features.contains(.lz4) else {
                        throw .protocolError("a compressed body, but LZ4 is not agreed")
                    }
                    payload = try ResponsePayload(decoding: frame.payload)
                } catch {
                    // The call must not be lost: it ends with the connection.
                    calls[header.callID] = .some(call)
                    throw error
                }
                return .complete(call, header, payload, isDrained: isDrained)
            case .ping:
                try header.checkFields()
                return .pong(header.callID, frame.payload)
            case .pong:
                try header.checkFields()
                return .ignore
            case .goAway:
                try header.checkFields()
                return isDraining ? .ignore : .stopSending(isDrained: calls.isEmpty)
            case .welcome:
                throw .protocolError("a second WELCOME")
            case .hello, .request, .item, .cancel, .credit:
                throw .protocolError("a server may not send frame type \(header.type.rawValue)")
            default:
                guard header.type.isIgnorable else {
                    throw .protocolError("unknown frame type \(header.type.rawValue)")
                }
                return .ignore
            }
        } catch {
            return .fail(error)
        }
    }
}
