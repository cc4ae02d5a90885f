import HTTPTypes
import NIOCore
import NIOHTTP1

/// Guards one connection at the level of HTTP/1 messages: what is refused here never reaches the
/// application.
///
/// It answers what the parser or ``RequestHeadRules`` refuse as JSON like every other failure,
/// throws bodies away, limits the time that a request head may take, and closes in a way that lets
/// the peer read the last answer.
final class ConnectionRules: ChannelDuplexHandler, RemovableChannelHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias InboundOut = HTTPServerRequestPart
    typealias OutboundIn = HTTPServerResponsePart
    typealias OutboundOut = HTTPServerResponsePart

    private let limits: GatewayLimits
    private let rules: RequestHeadRules
    private let accessLog: AccessLog

    private var state = ConnectionState.initial
    /// Whether the parts of the request being read pass; its body never does.
    private var isForwarding = false
    private var isReadingRequest = false
    private var hasReadPart = false
    private var headerTimer: Scheduled<Void>?
    private var stallTimer: Scheduled<Void>?
    private var isPeerGone = false
    private var notifyOfDeparture: (@Sendable () -> Void)?

    init(limits: GatewayLimits, accessLog: AccessLog) {
        self.limits = limits
        self.rules = RequestHeadRules(targetByteLimit: limits.targetByteCount)
        self.accessLog = accessLog
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        self.hasReadPart = true
        switch self.unwrapInboundIn(data) {
        case .head(let head):
            self.stopHeaderTimer()
            self.isReadingRequest = true
            self.isForwarding = self.headReceived(head, context: context)
            if self.isForwarding { context.fireChannelRead(data) }
        case .body:
            break
        case .end:
            self.isReadingRequest = false
            if self.isForwarding { context.fireChannelRead(data) }
        }
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        // Bytes came and no part of a message: a head has begun and is not complete.
        if !self.hasReadPart, !self.isReadingRequest { self.startHeaderTimer(context) }
        self.hasReadPart = false
        context.fireChannelReadComplete()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        guard error is HTTPParserError else {
            context.fireErrorCaught(error)
            return
        }
        self.refuse(HTTPFailure(parserError: error), head: nil, context: context)
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if event is ChannelShouldQuiesceEvent { self.state.drainStarted() }
        if case ChannelEvent.inputClosed? = event as? ChannelEvent { self.peerLeft() }
        context.fireUserInboundEventTriggered(event)
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        self.stallTimer?.cancel()
        self.stallTimer = nil
        if !context.channel.isWritable {
            let channel = context.channel
            self.stallTimer = context.eventLoop.scheduleTask(
                in: TimeAmount(self.limits.stallTimeout)
            ) {
                channel.close(promise: nil)
            }
        }
        context.fireChannelWritabilityChanged()
    }

    func channelInactive(context: ChannelHandlerContext) {
        self.stopHeaderTimer()
        self.stallTimer?.cancel()
        self.peerLeft()
        context.fireChannelInactive()
    }

    func triggerUserOutboundEvent(
        context: ChannelHandlerContext,
        event: Any,
        promise: EventLoopPromise<Void>?
    ) {
        guard let departure = event as? PeerDeparture else {
            context.triggerUserOutboundEvent(event, promise: promise)
            return
        }
        self.notifyOfDeparture = departure.notify
        if self.isPeerGone { departure.notify?() }
        promise?.succeed()
    }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        guard self.state != .closing else {
            promise?.fail(ChannelError.ioOnClosedChannel)
            return
        }
        switch self.unwrapOutboundIn(data) {
        case .head(var head) where self.state.isAnswerLast:
            head.headers.replaceOrAdd(name: "connection", value: "close")
            context.write(self.wrapOutboundOut(.head(head)), promise: promise)
        case .head, .body:
            context.write(data, promise: promise)
        case .end:
            context.write(data, promise: promise)
            self.answerEnded(context)
        }
    }
}

extension ConnectionRules {
    private func peerLeft() {
        self.isPeerGone = true
        self.notifyOfDeparture?()
        self.notifyOfDeparture = nil
    }

    /// - Returns: Whether the head passes.
    private func headReceived(_ head: HTTPRequestHead, context: ChannelHandlerContext) -> Bool {
        if let refusal = self.rules.refusal(of: head) {
            self.refuse(refusal, head: head, context: context)
            return false
        }
        return self.state.headReceived(isLast: self.rules.isLast(head)) == .forward
    }

    private func refuse(
        _ refusal: HTTPFailure,
        head: HTTPRequestHead?,
        context: ChannelHandlerContext
    ) {
        guard case .refuse = self.state.requestRefused(refusal) else { return }
        self.write(refusal, head: head, context: context)
    }

    private func answerEnded(_ context: ChannelHandlerContext) {
        switch self.state.answerEnded() {
        case .proceed:
            break
        case .refuse(let refusal):
            self.write(refusal, head: nil, context: context)
        case .close:
            context.flush()
            self.close(context)
        }
    }

    private func write(
        _ refusal: HTTPFailure,
        head: HTTPRequestHead?,
        context: ChannelHandlerContext
    ) {
        let requestID = head?.headers["x-request-id"].first.flatMap(RequestID.init) ?? RequestID()
        let body = refusal.body
        let isHead = head?.method == .HEAD
        var headers: HTTPHeaders = [
            "content-type": "application/json",
            "cache-control": "no-store",
            "date": HTTPDate.text(),
            "content-length": "\(body.readableBytes)",
            "connection": "close",
            "x-request-id": requestID.description,
        ]
        for field in refusal.headers {
            headers.replaceOrAdd(name: field.name.rawName, value: field.value)
        }
        let status = HTTPResponseStatus(statusCode: refusal.status.code)
        let answer = HTTPResponseHead(version: .http1_1, status: status, headers: headers)
        context.write(self.wrapOutboundOut(.head(answer)), promise: nil)
        if !isHead {
            context.write(self.wrapOutboundOut(.body(.byteBuffer(body))), promise: nil)
        }
        context.writeAndFlush(self.wrapOutboundOut(.end(nil)), promise: nil)
        self.accessLog.record(
            AccessRecord(
                requestID: requestID,
                principal: nil,
                method: head?.method.rawValue ?? "-",
                route: nil,
                target: head?.uri ?? "",
                status: refusal.status.code,
                byteCount: isHead ? 0 : body.readableBytes,
                duration: .zero,
                remote: context.channel.remoteAddress.flatMap(GatewayRequestContext.text(of:)),
                failure: refusal
            )
        )
        self.close(context)
    }

    /// Ends our half, and the connection when the peer ends its own or the grace is over.
    ///
    /// Closing at once would, with bytes unread, reset the connection under an answer still on its
    /// way.
    private func close(_ context: ChannelHandlerContext) {
        self.stopHeaderTimer()
        context.close(mode: .output, promise: nil)
        let channel = context.channel
        context.eventLoop.scheduleTask(in: TimeAmount(self.limits.closeGrace)) {
            channel.close(promise: nil)
        }
    }

    private func startHeaderTimer(_ context: ChannelHandlerContext) {
        guard self.headerTimer == nil, self.state != .closing else { return }
        let loopBound = NIOLoopBound((self, context), eventLoop: context.eventLoop)
        self.headerTimer = context.eventLoop.scheduleTask(
            in: TimeAmount(self.limits.headerTimeout)
        ) {
            let (rules, context) = loopBound.value
            rules.refuse(.requestTimeout, head: nil, context: context)
        }
    }

    private func stopHeaderTimer() {
        self.headerTimer?.cancel()
        self.headerTimer = nil
    }
}
