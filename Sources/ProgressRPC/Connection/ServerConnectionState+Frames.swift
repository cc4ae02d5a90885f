import NIOCore

/// The rules for a frame by itself, once the state is known.
extension ServerConnectionState {
    static func firstFrameReceived(
        _ frame: Frame,
        policy: HandshakePolicy
    ) -> FrameAction {
        let header = frame.header
        guard header.type == .hello else {
            if header.type.isIgnorable { return .ignore }
            let error = RPCError(
                .badMessage,
                "the first frame has type \(header.type.rawValue); it must be HELLO"
            )
            return .refuseConnection(error)
        }
        do throws(RPCError) {
            let agreement = try policy.agreement(with: frame)
            return .welcome(agreement)
        } catch {
            return .refuseConnection(error)
        }
    }

    static func frameReceived(
        _ frame: Frame,
        _ agreement: Agreement,
        _ calls: inout [CallID: Call],
        isDraining: Bool,
        makeCall: (IncomingCall, Agreement) -> Call
    ) -> FrameAction {
        let header = frame.header
        do throws(WireError) {
            switch header.type {
            case .request:
                return try Self.requestReceived(
                    frame,
                    agreement,
                    &calls,
                    isDraining: isDraining,
                    makeCall: makeCall
                )
            case .cancel:
                try header.checkFields()
                return calls[header.callID].map { .cancel($0) } ?? .ignore
            case .ping:
                try header.checkFields()
                return .pong(header.callID, frame.payload)
            case .pong, .goAway:
                try header.checkFields()
                return .ignore
            case .hello:
                throw .protocolError("a second HELLO")
            case .welcome, .response, .item, .credit:
                throw .protocolError("a client may not send frame type \(header.type.rawValue)")
            default:
                guard header.type.isIgnorable else {
                    throw .protocolError("unknown frame type \(header.type.rawValue)")
                }
                return .ignore
            }
        } catch  where error.code == .badMessage {
            return .refuseCall(
                header.callID,
                RPCError(.badMessage, error.message),
                .notProcessed
            )
        } catch {
            return .fail(error)
        }
    }

    private static func requestReceived(
        _ frame: Frame,
        _ agreement: Agreement,
        _ calls: inout [CallID: Call],
        isDraining: Bool,
        makeCall: (IncomingCall, Agreement) -> Call
    ) throws(WireError) -> FrameAction {
        let header = frame.header
        try header.checkFields()
        guard !header.flags.contains(.stream) else {
            throw .protocolError("a stream was asked for, but the feature STREAM is not agreed")
        }
        guard !header.flags.contains(.lz4) || agreement.features.contains(.lz4) else {
            throw .protocolError("a compressed body, but the feature LZ4 is not agreed")
        }
        guard calls[header.callID] == nil else {
            throw .protocolError("call \(header.callID.rawValue) is in flight already")
        }
        try RequestPayload.checkPrefix(of: frame.payload)
        guard !isDraining else {
            let error = RPCError(
                .unavailable,
                "the server is stopping; connect again",
                reason: "DRAINING"
            )
            return .refuseCall(header.callID, error, [.notProcessed, .retryable])
        }
        guard calls.count < agreement.callsInFlight else {
            let error = RPCError(
                .resourceExhausted,
                "\(calls.count) calls are in flight; the limit is \(agreement.callsInFlight)",
                reason: "TOO_MANY_CALLS"
            )
            return .refuseCall(header.callID, error, [.notProcessed, .retryable])
        }
        let payload = try RequestPayload(decoding: frame.payload)
        guard payload.meta.readableBytes <= Limits.metaByteCount else {
            let error = RPCError(
                .invalidArgument,
                "meta has \(payload.meta.readableBytes) bytes; the limit is \(Limits.metaByteCount)"
            )
            return .refuseCall(header.callID, error, .notProcessed)
        }
        let incoming = IncomingCall(
            id: header.callID,
            method: Method(rawValue: header.code),
            flags: header.flags,
            payload: payload
        )
        let call = makeCall(incoming, agreement)
        calls[header.callID] = call
        return .dispatch(call)
    }
}
