import Logging
import NIOCore

/// One connection of a server: performs what ``ServerConnectionState`` decides.
///
/// Lives on its event loop. Answers that are ready while bytes are being read leave in one write.
final class ServerConnection: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    /// A connection, as other threads hold it.
    struct Reference: Sendable {
        let eventLoop: any EventLoop
        private let bound: NIOLoopBound<ServerConnection>

        init(_ connection: ServerConnection, on eventLoop: any EventLoop) {
            self.eventLoop = eventLoop
            self.bound = NIOLoopBound(connection, eventLoop: eventLoop)
        }

        /// Runs `body` on the event loop; at once if this is it.
        func perform(_ body: @escaping @Sendable (ServerConnection) -> Void) {
            if self.eventLoop.inEventLoop {
                body(self.bound.value)
            } else {
                let bound = self.bound
                self.eventLoop.execute { body(bound.value) }
            }
        }

        func callEnded(_ call: ServerCall, _ outcome: CallOutcome) {
            self.perform { $0.callEnded(call, outcome) }
        }
    }

    let shared: ServerShared
    let credentials: PeerCredentials
    private let role: PeerRole?
    private var state = ServerConnectionState<ServerCall>.awaitingHello
    private var decoder: FrameDecoder
    private var output = ServerOutput()
    private var encoding: ResponseEncoding?
    private var context: ChannelHandlerContext?
    private var isReading = false
    private var partialFrameSince: NIODeadline?
    private var deadlineTimer: LoopTimer?
    private var liveTimer: LoopTimer?
    private var lingerEnd: NIODeadline?

    init(_ credentials: PeerCredentials, shared: ServerShared) {
        self.credentials = credentials
        self.shared = shared
        self.role = shared.configuration.peers(credentials)
        self.decoder = FrameDecoder(receiveByteCount: shared.configuration.receiveByteCount)
    }

    // MARK: From the channel

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
        let reference = Reference(self, on: context.eventLoop)
        self.deadlineTimer = LoopTimer(on: context.eventLoop) {
            reference.perform { $0.deadlineReached() }
        }
        self.liveTimer = LoopTimer(on: context.eventLoop) {
            reference.perform { $0.checkLiveness() }
        }
        self.partialFrameSince = .now()
        self.liveTimer?.arm(at: .now() + self.shared.configuration.helloTimeout)
        self.shared.connectionOpened(self, reference)
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        self.context = nil
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard self.lingerEnd == nil else { return }
        self.isReading = true
        self.decoder.append(self.unwrapInboundIn(data))
        let arrival = NIODeadline.now()
        do throws(WireError) {
            while let frame = try self.decoder.next() {
                if self.encoding != nil { self.partialFrameSince = nil }
                self.perform(self.frameReceived(frame, arrival: arrival))
                guard self.lingerEnd == nil else { return }
            }
        } catch {
            self.perform(self.state.wireErrorFound(error))
        }
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        self.isReading = false
        self.flush()
        if self.encoding == nil { return }
        guard self.decoder.hasPartialFrame else {
            self.partialFrameSince = nil
            return
        }
        if self.partialFrameSince == nil {
            let now = NIODeadline.now()
            self.partialFrameSince = now
            self.liveTimer?.arm(at: now + self.shared.configuration.frameTimeout)
        }
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        let isWritable = context.channel.isWritable
        context.channel.setOption(.autoRead, value: isWritable).whenFailure { _ in }
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        guard case .some(.inputClosed) = event as? ChannelEvent else {
            context.fireUserInboundEventTriggered(event)
            return
        }
        if self.lingerEnd != nil {
            context.close(promise: nil)
        } else if self.state.drainRequested() != .announce {
            self.closeAfterOutput()
        }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        self.shared.logger.debug("connection failed", metadata: ["error": "\(error)"])
        context.close(promise: nil)
    }

    func channelInactive(context: ChannelHandlerContext) {
        self.deadlineTimer?.disarm()
        self.liveTimer?.disarm()
        for call in self.state.connectionClosed() { call.cancel() }
        self.shared.connectionClosed(self)
    }

    // MARK: From the server and its calls

    /// Announces the drain and closes once no call is in flight.
    func drain() {
        switch self.state.drainRequested() {
        case .announce: self.writeGoAway("the server is stopping")
        case .announceAndClose:
            self.writeGoAway("the server is stopping")
            self.closeAfterOutput()
        case .close: self.context?.close(promise: nil)
        case .ignore: break
        }
        self.flush()
    }

    /// Closes at once; calls in flight are cancelled.
    func close() {
        self.context?.close(promise: nil)
    }

    func callEnded(_ call: ServerCall, _ outcome: CallOutcome) {
        if call.claimAnswer() { self.write(outcome, of: call) }
        if self.state.callEnded(call.id) { self.closeAfterOutput() }
        if !self.isReading { self.flush() }
    }

    // MARK: Doing what the state says

    private func frameReceived(
        _ frame: Frame,
        arrival: NIODeadline
    ) -> ServerConnectionState<ServerCall>.FrameAction {
        var policy = self.shared.policy
        if self.encoding == nil {
            policy.refusal = self.role == nil ? .unknownPeer : self.shared.refusal(of: self)
        }
        return self.state.frameReceived(frame, policy: policy) { incoming, agreement in
            let terms = CallAdmission.Terms(
                role: self.role ?? .observer,
                epoch: self.shared.epoch,
                standardTimeout: self.shared.configuration.standardTimeout,
                receiveByteCount: self.shared.configuration.receiveByteCount
            )
            let admission = CallAdmission(
                incoming,
                agreement,
                terms,
                arrival: arrival,
                now: .now()
            )
            let reference = Reference(self, on: self.shared.eventLoop(of: self.context))
            return ServerCall(admission, incoming, connection: reference)
        }
    }

    private func perform(_ action: ServerConnectionState<ServerCall>.FrameAction) {
        switch action {
        case .welcome(let agreement):
            self.encoding = ResponseEncoding(
                peerReceiveByteCount: agreement.peerReceiveByteCount,
                mayCompress: agreement.features.contains(.lz4),
                compressionByteCount: self.shared.configuration.compressionByteCount
            )
            self.partialFrameSince = nil
            self.output.writeWelcome(agreement, self.shared)
        case .refuseConnection(let error):
            self.output.writeRefusal(error, self.shared)
            self.shared.logger.debug("connection refused", metadata: ["reason": "\(error)"])
            self.closeAfterOutput()
        case .dispatch(let call):
            self.shared.callStarted()
            if let rejection = call.rejection {
                call.fail(rejection)
            } else {
                self.deadlineTimer?.arm(at: call.deadline)
                self.shared.handler.handle(call)
            }
        case .refuseCall(let id, let error, let flags):
            var error = error
            error.isNotProcessed = true
            _ = self.encoding?.write(
                .failure(error),
                id,
                flags: flags,
                serverMicroseconds: 0,
                into: &self.output.buffer
            )
        case .cancel(let call):
            call.cancel()
        case .pong(let id, let payload):
            self.output.buffer.writeFrame(FrameHeader(.pong, callID: id)) {
                $0.writeImmutableBuffer(payload)
            }
        case .ignore:
            break
        case .fail(let error):
            self.writeGoAway(error.message)
            self.shared.logger.debug("protocol error", metadata: ["error": "\(error.message)"])
            self.closeAfterOutput()
        }
    }

    private func write(_ outcome: CallOutcome, of call: ServerCall) {
        guard var encoding = self.encoding else { return }
        encoding.mayCompress = encoding.mayCompress && call.flags.contains(.acceptLZ4)
        let elapsed = NIODeadline.now() - call.arrival
        let microseconds = UInt32(clamping: elapsed.nanoseconds / 1_000)
        let code = encoding.write(
            outcome,
            call.id,
            serverMicroseconds: microseconds,
            into: &self.output.buffer
        )
        self.shared.callAnswered(call.method, code, microseconds: microseconds)
    }

    private func writeGoAway(_ text: String) {
        let drain = self.shared.configuration.drainTimeout
        self.output.writeGoAway(
            text,
            drainMilliseconds: UInt32(clamping: drain.nanoseconds / 1_000_000)
        )
    }

    private func flush() {
        guard let context = self.context, let waiting = self.output.flush(to: context) else {
            return
        }
        if waiting > self.shared.configuration.outputCloseByteCount {
            self.shared.logger.debug(
                "connection closed: its peer does not read",
                metadata: ["waiting": "\(waiting)"]
            )
            context.close(promise: nil)
        } else if waiting > 0 {
            self.liveTimer?.arm(at: .now() + self.shared.configuration.stallTimeout)
        }
    }

    /// Ends the output, then reads to the end for a moment, so that the peer gets what was written.
    private func closeAfterOutput() {
        guard let context = self.context, self.lingerEnd == nil else { return }
        let end = NIODeadline.now() + self.shared.configuration.lingerTimeout
        self.lingerEnd = end
        self.flush()
        self.liveTimer?.arm(at: end)
        context.close(mode: .output, promise: nil)
    }

    // MARK: Time

    private func deadlineReached() {
        let now = NIODeadline.now()
        var late: [ServerCall] = []
        self.state.forEachCall { call in
            if call.deadline <= now {
                if call.claimAnswer() { late.append(call) }
            } else {
                self.deadlineTimer?.arm(at: call.deadline)
            }
        }
        let error = RPCError(.deadlineExceeded, "the time ran out before the answer was ready")
        for call in late {
            self.write(.failure(error), of: call)
            call.cancel()
        }
        self.flush()
    }

    private func checkLiveness() {
        guard let context = self.context else { return }
        let now = NIODeadline.now()
        let configuration = self.shared.configuration
        if let end = self.lingerEnd, now >= end {
            context.close(promise: nil)
            return
        }
        if let since = self.partialFrameSince {
            let timeout =
                self.encoding == nil ? configuration.helloTimeout : configuration.frameTimeout
            guard now < since + timeout else {
                self.shared.logger.debug("connection closed: a frame did not complete in time")
                context.close(promise: nil)
                return
            }
            self.liveTimer?.arm(at: since + timeout)
        }
        switch self.output.stallCheck(context, now: now, timeout: configuration.stallTimeout) {
        case .idle: break
        case .check(let instant): self.liveTimer?.arm(at: instant)
        case .stalled:
            self.shared.logger.debug("connection closed: its peer takes no output")
            context.close(promise: nil)
        }
    }
}
