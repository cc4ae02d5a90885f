public import Logging
public import NIOCore
import NIOPosix
public import SwiftProtobuf
import Synchronization

/// Calls a progress server.
///
/// Many calls share one connection, which is made on demand and made again, with back-off, when it
/// is lost. A call is sent again once if the protocol says that it may be. Cancelling the caller's
/// task cancels the call, here at once and at the server soon after.
public final class ProgressClient: Sendable {
    /// Whom to call and how.
    public struct Configuration: Sendable {
        /// Path of the server's socket.
        public var socketPath: String
        /// The program's name, told to the server.
        public var name = "progress-client"
        /// The program's version, told to the server.
        public var version = ""
        /// Whether every call carries a scope; the server is held to refuse one without.
        public var requiresScope = false
        /// Largest payload that is taken, in bytes.
        public var receiveByteCount = Limits.clientReceiveByteCount
        /// Delay before the second attempt to connect.
        public var shortestBackoff = TimeAmount.milliseconds(10)
        /// Longest delay between attempts to connect.
        public var longestBackoff = TimeAmount.seconds(1)
        /// Size of the connection's send buffer in the kernel, in bytes; `nil`: the system's.
        var socketBufferByteCount: Int?

        /// Creates a configuration.
        public init(socketPath: String) {
            self.socketPath = socketPath
        }
    }

    /// Runs tasks on the client's event loop.
    ///
    /// Under `withTaskExecutorPreference(client.executor)` a call takes no hop to another thread; what
    /// else the task does then must not block.
    public let executor: EventLoopExecutor

    private let eventLoop: any EventLoop
    private let core: NIOLoopBoundBox<ClientCore>
    private let tickets = Atomic<UInt64>(0)

    /// Creates a client; nothing is connected yet.
    public convenience init(_ configuration: Configuration, logger: Logger? = nil) {
        self.init(configuration, on: MultiThreadedEventLoopGroup.singleton.next(), logger: logger)
    }

    /// Creates a client on an event loop of the caller's choice; nothing is connected yet.
    public init(_ configuration: Configuration, on eventLoop: any EventLoop, logger: Logger? = nil)
    {
        self.eventLoop = eventLoop
        self.executor = EventLoopExecutor(eventLoop)
        self.core = NIOLoopBoundBox.makeBoxSendingValue(
            ClientCore(configuration, on: eventLoop, logger),
            eventLoop: eventLoop
        )
    }

    /// A client that is let go of without ``close()`` closes its connections too.
    deinit {
        self.perform { $0.close() }
    }

    /// Makes a call with an encoded message.
    ///
    /// - Throws: ``RPCError``; with code `cancelled` if the task is cancelled.
    public func call(
        _ method: Method,
        _ body: ByteBuffer,
        options: CallOptions = CallOptions()
    ) async throws(RPCError) -> Reply {
        let request = try OutgoingCall.Request(method, body, options, now: .now())
        let ticket = self.tickets.wrappingAdd(1, ordering: .relaxed).newValue
        let result = await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                self.perform { $0.submit(OutgoingCall(ticket, request, continuation)) }
                if Task.isCancelled { self.perform { $0.giveUp(ticket) } }
            }
        } onCancel: {
            self.perform { $0.giveUp(ticket) }
        }
        return try result.get()
    }

    /// Makes a call with messages.
    ///
    /// - Throws: ``RPCError``.
    public func call<Request: SwiftProtobuf.Message, Response: SwiftProtobuf.Message>(
        _ method: Method,
        _ request: Request,
        returning: Response.Type = Response.self,
        options: CallOptions = CallOptions()
    ) async throws(RPCError) -> Response {
        let reply = try await self.call(method, try request.encoded(), options: options)
        return try Response(decoding: reply.body)
    }

    /// Fails the calls in flight and closes; calls made later fail.
    public func close() async {
        try? await self.eventLoop.submit { [core] in core.value.close() }.get()
    }

    private func perform(_ body: @escaping @Sendable (ClientCore) -> Void) {
        if self.eventLoop.inEventLoop {
            body(self.core.value)
        } else {
            let core = self.core
            self.eventLoop.execute { body(core.value) }
        }
    }
}
