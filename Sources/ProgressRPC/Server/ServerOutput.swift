import FoundationEssentials
import NIOCore

/// What a connection has written and its peer has not yet taken.
struct ServerOutput {
    /// Frames that leave with the next flush.
    var buffer = ByteBuffer()
    private var flushedByteCount = 0
    private var takenByteCount = 0
    private var lastTaken: NIODeadline = .now()

    enum StallCheck: Equatable {
        /// Nothing waits.
        case idle
        /// Look again then.
        case check(NIODeadline)
        /// The peer has taken no byte for the timeout.
        case stalled
    }

    /// Writes the frames out.
    ///
    /// - Returns: How many bytes wait for the peer now; `nil` if there was nothing to write.
    mutating func flush(to context: ChannelHandlerContext) -> Int? {
        guard self.buffer.readableBytes > 0 else { return nil }
        self.flushedByteCount += self.buffer.readableBytes
        context.writeAndFlush(NIOAny(self.buffer), promise: nil)
        // Most often the bytes are gone by now, and the storage serves again.
        if self.buffer.capacity > 1 << 16 {
            self.buffer = ByteBuffer()
        } else {
            self.buffer.clear()
        }
        return self.update(context)
    }

    /// Whether the peer still takes bytes.
    mutating func stallCheck(
        _ context: ChannelHandlerContext,
        now: NIODeadline,
        timeout: TimeAmount
    ) -> StallCheck {
        guard self.update(context) > 0 else { return .idle }
        let limit = self.lastTaken + timeout
        return now >= limit ? .stalled : .check(limit)
    }

    private mutating func update(_ context: ChannelHandlerContext) -> Int {
        let waiting = (try? context.channel.syncOptions?.getOption(.bufferedWritableBytes)) ?? 0
        let taken = self.flushedByteCount - waiting
        if taken > self.takenByteCount || waiting == 0 {
            self.takenByteCount = taken
            self.lastTaken = .now()
        }
        return waiting
    }
}

extension ServerOutput {
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
