import NIOCore
import NIOHTTP1

/// Puts ``ConnectionRules`` right behind the HTTP/1 parser, where Hummingbird offers no place, and
/// leaves.
final class ConnectionRulesInstaller: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = NIOAny

    private let rules: ConnectionRules

    init(_ rules: ConnectionRules) {
        self.rules = rules
    }

    func handlerAdded(context: ChannelHandlerContext) {
        let pipeline = context.pipeline.syncOperations
        do {
            let parser = try pipeline.handler(type: ByteToMessageHandler<HTTPRequestDecoder>.self)
            try pipeline.addHandler(self.rules, position: .after(parser))
            pipeline.removeHandler(self, promise: nil)
        } catch {
            // Without the rules the connection must not be served.
            context.close(promise: nil)
        }
    }
}
