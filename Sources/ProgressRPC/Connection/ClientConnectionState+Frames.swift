import FoundationEssentials
import NIOCore

/// The rules for a frame by itself, once the state is known.
extension ClientConnectionState {
    static func firstFrameReceived(
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

    static func frameReceived(
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
