import Glibc
import NIOCore
import NIOPosix
import TestSupport
import Testing

@testable import ProgressRPC

@Suite("A client and servers that break the rules", .timeLimit(.minutes(1)))
struct HostileServerTests {
    /// Serves every connection with the frames that `answer` gives for each frame that arrives.
    static func with(
        _ answer: @escaping @Sendable (Frame) -> [ByteBuffer],
        ended: @escaping @Sendable () -> Void = {},
        _ body: (ProgressClient) async throws -> Void
    ) async throws {
        let path = TemporarySocket.path()
        let channel = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    channel.closeFuture.whenComplete { _ in ended() }
                    try channel.pipeline.syncOperations.addHandler(Script(answer))
                }
            }
            .bind(to: SocketAddress(unixPath: path)).get()
        defer { unlink(path) }
        let client = ProgressClient(.init(socketPath: path))
        try await body(client)
        await client.close()
        try await channel.close()
    }

    final class Script: ChannelInboundHandler {
        typealias InboundIn = ByteBuffer
        private let answer: @Sendable (Frame) -> [ByteBuffer]
        private var decoder = FrameDecoder(receiveByteCount: 1 << 20)

        init(_ answer: @escaping @Sendable (Frame) -> [ByteBuffer]) {
            self.answer = answer
        }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            self.decoder.append(self.unwrapInboundIn(data))
            while let frame = try? self.decoder.next() {
                guard [.hello, .request].contains(frame.header.type) else { continue }
                let answers = self.answer(frame)
                for bytes in answers { context.writeAndFlush(NIOAny(bytes), promise: nil) }
                if answers.isEmpty, frame.header.type == .request { context.close(promise: nil) }
            }
        }
    }

    static func bytes(_ frames: Frame...) -> [ByteBuffer] { [RawConnection.bytes(frames)] }

    static var welcome: [ByteBuffer] { self.bytes(Frames.welcome()) }

    @Test("Whatever comes instead of WELCOME or an answer is an error of the call")
    func garbage() async throws {
        let garbage: [(String, @Sendable (Frame) -> [ByteBuffer], RPCError.Code)] = [
            (
                "HTTP for WELCOME", { _ in [ByteBuffer(string: "HTTP/1.1 400 Bad\r\n\r\n")] },
                .badMessage
            ),
            ("a request for WELCOME", { _ in Self.bytes(Frames.request(1)) }, .badMessage),
            (
                "too large a frame for WELCOME",
                { _ in [ByteBuffer(repeating: 0x7F, count: 16)] }, .badMessage
            ),
            (
                "a second WELCOME",
                { _ in Self.bytes(Frames.welcome(), Frames.welcome()) }, .badMessage
            ),
            (
                "an answer to another call",
                { frame in
                    frame.header.type == .request
                        ? Self.bytes(Frames.response(77)) : Self.bytes(Frames.welcome())
                }, .badMessage
            ),
            (
                "the end instead of an answer",
                { frame in frame.header.type == .hello ? Self.bytes(Frames.welcome()) : [] },
                .unavailable
            ),
            (
                "an unasked compression",
                { frame in
                    frame.header.type == .request
                        ? Self.bytes(Frames.response(frame.header.callID.rawValue, flags: .lz4))
                        : Self.bytes(Frames.welcome(features: .lz4))
                }, .badMessage
            ),
        ]
        for (name, answer, code) in garbage {
            try await Self.with(answer) { client in
                let error = await ProgressClientTests.failure(of: client)
                #expect(error?.code == code, "\(name): \(String(describing: error))")
            }
        }
    }

    @Test("A call is sent again, once, when it was refused unprocessed")
    func retriedOnce() async throws {
        let refusal: @Sendable (Frame) -> [ByteBuffer] = { frame in
            guard frame.header.type == .request else { return Self.bytes(Frames.welcome()) }
            let flags: FrameFlags = [.notProcessed, .retryable]
            let id = frame.header.callID.rawValue
            return Self.bytes(Frames.response(id, code: 14, flags: flags))
        }
        let count = Counter()
        try await Self.with { frame in
            if frame.header.type == .request { count.increment() }
            return refusal(frame)
        } _: { client in
            let error = await ProgressClientTests.failure(of: client)
            #expect(error?.code == .unavailable)
            #expect(count.value == 2)
        }
    }

    @Test("An error that was processed is not sent again")
    func notRetried() async throws {
        let count = Counter()
        try await Self.with { frame in
            guard frame.header.type == .request else { return Self.bytes(Frames.welcome()) }
            count.increment()
            return Self.bytes(Frames.response(frame.header.callID.rawValue, code: 14))
        } _: { client in
            let error = await ProgressClientTests.failure(of: client)
            #expect(error?.code == .unavailable)
            #expect(count.value == 1)
        }
    }

    @Test("A code that this version does not know is kept")
    func unknownCode() async throws {
        try await Self.with { frame in
            guard frame.header.type == .request else { return Self.bytes(Frames.welcome()) }
            return Self.bytes(Frames.response(frame.header.callID.rawValue, code: 999))
        } _: { client in
            let error = await ProgressClientTests.failure(of: client)
            #expect(error?.code.rawValue == 999)
        }
    }

    @Test("A client that requires scopes leaves a server that does not enforce them")
    func scopeRequired() async throws {
        let path = TemporarySocket.path()
        let channel = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(
                        Script { _ in Self.bytes(Frames.welcome(features: [.lz4])) }
                    )
                }
            }
            .bind(to: SocketAddress(unixPath: path)).get()
        var configuration = ProgressClient.Configuration(socketPath: path)
        configuration.requiresScope = true
        let client = ProgressClient(configuration)
        let error = await ProgressClientTests.failure(of: client)
        #expect(error?.code == .failedPrecondition)
        #expect(error?.message.contains("scopes") == true)
        await client.close()
        try await channel.close()
    }
}
