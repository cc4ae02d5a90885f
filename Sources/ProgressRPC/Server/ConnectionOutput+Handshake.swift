import FoundationEssentials
import NIOCore

/// The frames that a server sends for the connection as a whole.
extension ConnectionOutput {
    mutating func writeWelcome(_ agreement: Agreement, _ shared: ServerShared) {
        let handshake = Handshake(
            versions: agreement.version...agreement.version,
            features: agreement.features,
            receiveByteCount: UInt32(clamping: shared.configuration.receiveByteCount),
            callsInFlight: UInt32(clamping: agreement.callsInFlight)
        )
        self.write(FrameHeader(.welcome), handshake, shared.welcome)
        Grease.write(into: &self.buffer)
    }

    mutating func writeRefusal(_ error: RPCError, _ shared: ServerShared) {
        let handshake = Handshake(
            versions: Handshake.supportedVersions,
            features: shared.policy.features,
            receiveByteCount: UInt32(clamping: shared.configuration.receiveByteCount),
            callsInFlight: UInt32(clamping: shared.policy.callsInFlight)
        )
        var welcome = shared.welcome
        welcome.refusal = PBError(error)
        self.write(FrameHeader(.welcome, code: error.code.rawValue), handshake, welcome)
    }

    mutating func writeGoAway(_ text: String, drainMilliseconds: UInt32) {
        self.buffer.writeFrame(FrameHeader(.goAway)) { payload in
            payload.writeInteger(drainMilliseconds, endianness: .little)
            payload.writeString(text.prefix(utf8Count: Limits.textByteCount))
        }
    }

    private mutating func write(
        _ header: FrameHeader,
        _ handshake: Handshake,
        _ welcome: PBWelcome
    ) {
        let message = (try? welcome.encoded()) ?? ByteBuffer()
        self.buffer.writeFrame(header) { payload in
            handshake.encode(into: &payload)
            payload.writeImmutableBuffer(message)
        }
    }
}
