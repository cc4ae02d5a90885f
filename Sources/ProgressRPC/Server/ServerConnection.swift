import Logging
import NIOCore

/// One connection of a server: performs what ``ServerConnectionState`` decides.
///
/// Lives on its event loop. Answers that are ready while bytes are being read leave in one write.
final class ServerConnection: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    /// How far the connection is with closing.
    enum Ending {
        case none
        /// The output leaves; nothing is added to it any more.
        case writing
        /// Reading to the end for a moment, so that the peer gets what was written.
        case lingering(until: NIODeadline)
    }

    let shared: ServerShared
    let credentials: PeerCredentials
    /// `nil`: the peer may not connect.
    let role: PeerRole?
    private var state = ServerConnectionState<ServerCall>.awaitingHello
    private var decoder: FrameDecoder
    var output = ConnectionOutput(now: .now())
    private var encoding: ResponseEncoding?
    var context: ChannelHandlerContext?
    private var isReading = false
    /// Whether a call was handed over since the handler was told that reading is complete.
    private var hasDispatched = false
    /// Whether the output will leave when the event loop has run what it has now.
    private var isFlushPlanned = false
    var isInputEnded = false
    var ending = Ending.none
    var clock: FrameClock
    private var deadlineTimer: LoopTimer?
    var liveTimer: LoopTimer?
    /// Why the connection is not taken; `nil`: it is.
    private var refusal: RPCError?

    var isEnding: Bool {
        if case .none = self.ending { return false }
        return true
    }

    init(_ credentials: PeerCredentials, shared: ServerShared) {
        self.credentials = credentials
        self.shared = shared
        self.role = shared.configuration.peers(credentials)
        self.decoder = FrameDecoder(receiveByteCount: shared.configuration.receiveByteCount)
        self.clock = FrameClock(
            now: .now(),
            handshakeTimeout: shared.configuration.helloTimeout,
            frameTimeout: shared.configuration.frameTimeout
        )
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
        self.armClock()
        self.refusal = self.shared.connectionOpened(self, reference)
    }

    func channelActive(context: ChannelHandlerContext) {
        guard let refusal = self.refusal else { return }
        _ = self.state.connectionClosed()
        self.perform(.refuseConnection(refusal))
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        self.context = nil
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard !self.isEnding else { return }
        self.isReading = true
        self.decoder.append(self.unwrapInboundIn(data))
        let arrival = NIODeadline.now()
        do throws(WireError) {
            while !self.isEnding, let frame = try self.decoder.next() {
                self.clock.frameCompleted()
                self.perform(self.frameReceived(frame, arrival: arrival))
            }
        } catch {
            self.perform(self.state.wireErrorFound(error))
        }
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        if self.hasDispatched {
            self.hasDispatched = false
            self.shared.handler.readCompleted()
        }
        self.isReading = false
        self.flush()
        self.clock.readCompleted(hasPartialFrame: self.decoder.hasPartialFrame, now: .now())
        self.armClock()
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        let isWritable = context.channel.isWritable
        if isWritable {
            self.clock.readingResumed(hasPartialFrame: self.decoder.hasPartialFrame, now: .now())
            self.armClock()
        } else {
            self.clock.readingPaused()
        }
        context.channel.setOption(.autoRead, value: isWritable).whenFailure { _ in }
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        guard case .some(.inputClosed) = event as? ChannelEvent else {
            context.fireUserInboundEventTriggered(event)
            return
        }
        self.isInputEnded = true
        switch self.ending {
        case .none: if self.state.inputEnded() { self.closeAfterOutput() }
        case .writing: break
        case .lingering: context.close(promise: nil)
        }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        self.shared.logger.debug("connection failed", metadata: ["error": "\(error)"])
        context.close(promise: nil)
    }

    func channelInactive(context: ChannelHandlerContext) {
        self.deadlineTimer?.disarm()
        self.liveTimer?.disarm()
        // Their actions hold the connection.
        self.deadlineTimer = nil
        self.liveTimer = nil
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
        case .refuse: self.perform(.refuseConnection(.draining))
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
        // Handlers that answer at once must not pile up output while a long read goes on.
        if self.output.buffer.readableBytes >= Limits.outputPauseByteCount {
            self.flush()
        } else if !self.isReading, !self.isFlushPlanned, let context = self.context {
            // Calls that share their work end together: behind those that wait for this loop too.
            self.isFlushPlanned = true
            let reference = Reference(self, on: context.eventLoop)
            context.eventLoop.execute {
                reference.perform { connection in
                    connection.isFlushPlanned = false
                    connection.flush()
                }
            }
        }
    }

    // MARK: Doing what the state says

    private func frameReceived(
        _ frame: Frame,
        arrival: NIODeadline
    ) -> ServerConnectionState<ServerCall>.FrameAction {
        self.state.frameReceived(frame, policy: self.shared.policy) { incoming, agreement in
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
            self.clock.handshakeMade()
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
                self.hasDispatched = true
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
            // They get no answer, so their handlers need not go on.
            for call in self.state.connectionClosed() { call.cancel() }
        }
    }

    private func write(_ outcome: CallOutcome, of call: ServerCall) {
        let elapsed = NIODeadline.now() - call.arrival
        let microseconds = UInt32(clamping: elapsed.nanoseconds / 1_000)
        var code = outcome.code
        if !self.isEnding, self.context != nil, var encoding = self.encoding {
            encoding.mayCompress = encoding.mayCompress && call.flags.contains(.acceptLZ4)
            code = encoding.write(
                outcome,
                call.id,
                serverMicroseconds: microseconds,
                into: &self.output.buffer
            )
        }
        self.shared.callAnswered(call.method, code, microseconds: microseconds)
    }

    private func writeGoAway(_ text: String) {
        let drain = self.shared.configuration.drainTimeout
        self.output.writeGoAway(
            text,
            drainMilliseconds: UInt32(clamping: drain.nanoseconds / 1_000_000)
        )
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
}
