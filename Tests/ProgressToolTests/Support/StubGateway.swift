import NIOCore
import NIOHTTP1
import NIOPosix

/// The ETag of every answer of a stub.
let stubTag = "\"000102030405060708090a0b0c0d0e0f\""

/// Runs `body` with the URL of an HTTP server that answers each request with `answer`.
func withStubGateway<Value: Sendable>(
    _ answer: @escaping @Sendable (HTTPRequestHead) -> (HTTPResponseStatus, String),
    _ body: (String) async throws -> Value
) async throws -> Value {
    let channel = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
        .serverChannelOption(.backlog, value: 256)
        .childChannelInitializer { channel in
            channel.eventLoop.makeCompletedFuture {
                try channel.pipeline.syncOperations.configureHTTPServerPipeline()
                try channel.pipeline.syncOperations.addHandler(StubGatewayHandler(answer))
            }
        }
        .bind(host: "127.0.0.1", port: 0)
        .get()
    let result: Result<Value, any Error>
    do {
        let port = channel.localAddress?.port ?? 0
        result = .success(try await body("http://127.0.0.1:\(port)"))
    } catch {
        result = .failure(error)
    }
    try await channel.close()
    return try result.get()
}

private final class StubGatewayHandler: ChannelInboundHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias OutboundOut = HTTPServerResponsePart

    private let answer: @Sendable (HTTPRequestHead) -> (HTTPResponseStatus, String)
    private var head: HTTPRequestHead?

    init(_ answer: @escaping @Sendable (HTTPRequestHead) -> (HTTPResponseStatus, String)) {
        self.answer = answer
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch self.unwrapInboundIn(data) {
        case .head(let head): self.head = head
        case .body: break
        case .end:
            guard let head = self.head else { return }
            let (status, text) = self.answer(head)
            let headers = HTTPHeaders([
                ("content-length", "\(text.utf8.count)"), ("location", "/elsewhere"),
                ("etag", stubTag),
            ])
            let response = HTTPResponseHead(version: .http1_1, status: status, headers: headers)
            context.write(self.wrapOutboundOut(.head(response)), promise: nil)
            let body = context.channel.allocator.buffer(string: text)
            context.write(self.wrapOutboundOut(.body(.byteBuffer(body))), promise: nil)
            context.writeAndFlush(self.wrapOutboundOut(.end(nil)), promise: nil)
        }
    }
}
