import NIOCore
import NIOPosix

@testable import ProgressRPC

/// A connection whose bytes a test writes and reads itself.
struct RawConnection {
    private let writer: NIOAsyncChannelOutboundWriter<ByteBuffer>
    private var reader: NIOAsyncChannelInboundStream<ByteBuffer>.AsyncIterator
    private var decoder = FrameDecoder(receiveByteCount: Limits.payloadByteCountEnd - 1)

    /// Runs `body` with a connection to a server.
    static func with<Value: Sendable>(
        _ path: String,
        _ body: @Sendable (inout RawConnection, any Channel) async throws -> Value
    ) async throws -> Value {
        let channel = try await Self.connect(path)
        return try await channel.executeThenClose { inbound, outbound in
            var connection = RawConnection(
                writer: outbound,
                reader: inbound.makeAsyncIterator()
            )
            return try await body(&connection, channel.channel)
        }
    }

    /// Connects as soon as somebody listens.
    private static func connect(
        _ path: String
    ) async throws -> NIOAsyncChannel<ByteBuffer, ByteBuffer> {
        let end = ContinuousClock.now + .seconds(10)
        while true {
            do {
                return try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
                    .channelOption(.allowRemoteHalfClosure, value: true)
                    .connect(to: SocketAddress(unixPath: path)) { channel in
                        channel.eventLoop.makeCompletedFuture {
                            try NIOAsyncChannel(
                                wrappingChannelSynchronously: channel,
                                configuration: .init(
                                    isOutboundHalfClosureEnabled: true,
                                    inboundType: ByteBuffer.self,
                                    outboundType: ByteBuffer.self
                                )
                            )
                        }
                    }
            } catch {
                guard ContinuousClock.now < end else { throw error }
                await Task.yield()
            }
        }
    }

    private init(
        writer: NIOAsyncChannelOutboundWriter<ByteBuffer>,
        reader: NIOAsyncChannelInboundStream<ByteBuffer>.AsyncIterator
    ) {
        self.writer = writer
        self.reader = reader
    }

    func send(_ bytes: ByteBuffer) async throws {
        try await self.writer.write(bytes)
    }

    func send(_ frames: Frame...) async throws {
        try await self.send(Self.bytes(frames))
    }

    func finish() {
        self.writer.finish()
    }

    static func bytes(_ frames: [Frame]) -> ByteBuffer {
        var buffer = ByteBuffer()
        for frame in frames {
            buffer.writeFrame(frame.header) { $0.writeImmutableBuffer(frame.payload) }
        }
        return buffer
    }

    /// The next frame that is not ignorable; `nil` at the end of the connection.
    mutating func next() async throws -> Frame? {
        while true {
            while let frame = try self.decoder.next() {
                if !frame.header.type.isIgnorable { return frame }
            }
            do {
                guard let bytes = try await self.reader.next(isolation: #isolation) else {
                    return nil
                }
                self.decoder.append(bytes)
            } catch is IOError {
                return nil
            }
        }
    }

    /// Makes the handshake.
    mutating func shakeHands(features: Features = [], receiveByteCount: UInt32 = 1 << 20)
        async throws
    {
        try await self.send(
            Frames.frame(
                .hello,
                Frames.handshake(features: features, receiveByteCount: receiveByteCount)
            )
        )
        _ = try await self.next()
    }

    /// The code, reason and flags of the next RESPONSE.
    mutating func nextAnswer() async throws -> (id: UInt64, code: RPCError.Code, error: PBError) {
        guard let frame = try await self.next(), frame.header.type == .response else {
            throw RPCError(.unknown, "no RESPONSE came")
        }
        let payload = try ResponsePayload(decoding: frame.payload)
        let code = RPCError.Code(rawValue: frame.header.code)
        let error = code == .ok ? PBError() : try PBError(decoding: payload.body)
        return (frame.header.callID.rawValue, code, error)
    }
}
