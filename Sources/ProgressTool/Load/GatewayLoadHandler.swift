import FoundationEssentials
import NIOCore
import NIOHTTP1

/// Sends a request, reads the answer, checks it, and sends the next.
final class GatewayLoadHandler: ChannelInboundHandler {
    typealias InboundIn = HTTPClientResponsePart
    typealias OutboundOut = HTTPClientRequestPart

    private let requests: [GatewayRequest]
    private let budget: LoadBudget
    private let timeout: TimeAmount
    private let promise: EventLoopPromise<LoadTally>
    private var tally = LoadTally()
    private var next: Int
    private var waiting: Waiting?
    private var deadline: Scheduled<Void>?
    /// The last right body of each job: equal bytes need no second decoding.
    private var rightBodies: [Int64: ByteBuffer] = [:]

    /// The request under way.
    private struct Waiting {
        var job: Int64
        var start: ContinuousClock.Instant
        var status: HTTPResponseStatus = .ok
        var body = ByteBuffer()
    }

    /// - Parameter promise: Receives the tally when the connection is closed.
    init(
        requests: [GatewayRequest],
        startingAt index: Int,
        budget: LoadBudget,
        timeout: TimeAmount,
        promise: EventLoopPromise<LoadTally>
    ) {
        self.requests = requests
        self.next = index % requests.count
        self.budget = budget
        self.timeout = timeout
        self.promise = promise
    }

    func channelActive(context: ChannelHandlerContext) {
        self.send(at: .now, context)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch self.unwrapInboundIn(data) {
        case .head(let head): self.waiting?.status = head.status
        case .body(let bytes): self.waiting?.body.writeImmutableBuffer(bytes)
        case .end: self.answered(context)
        }
    }

    func channelInactive(context: ChannelHandlerContext) {
        self.lose("CONNECTION_LOST")
        self.deadline?.cancel()
        self.promise.succeed(self.tally)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        self.lose("BAD_RESPONSE")
        context.close(promise: nil)
    }

    private func send(at start: ContinuousClock.Instant, _ context: ChannelHandlerContext) {
        guard self.budget.takeCall(at: start) else {
            context.close(promise: nil)
            return
        }
        let request = self.requests[self.next]
        self.next = (self.next + 1) % self.requests.count
        self.waiting = Waiting(job: request.job, start: start)
        self.watch(context)
        context.write(self.wrapOutboundOut(.head(request.head)), promise: nil)
        context.writeAndFlush(self.wrapOutboundOut(.end(nil)), promise: nil)
    }

    private func answered(_ context: ChannelHandlerContext) {
        guard let waiting = self.waiting else { return }
        self.waiting = nil
        let now = ContinuousClock.now
        let outcome = self.check(waiting)
        self.tally.record(outcome, after: now - waiting.start)
        if context.channel.isActive { self.send(at: now, context) }
    }

    private func check(_ answer: Waiting) -> LoadOutcome {
        guard answer.status == .ok else { return .failed("HTTP \(answer.status.code)") }
        if answer.body == self.rightBodies[answer.job] { return .right }
        let bytes = Data(answer.body.readableBytesView)
        guard let document = try? JSONDecoder().decode(JobProgressDocument.self, from: bytes),
            document.jobID == answer.job
        else { return .wrong }
        self.rightBodies[answer.job] = answer.body
        return .right
    }

    /// Closes a connection whose server takes longer than a call may, at the latest after twice that.
    private func watch(_ context: ChannelHandlerContext) {
        // One timer for many calls: it looks at the call that is under way when it fires.
        guard self.deadline == nil else { return }
        let bound = NIOLoopBound((self, context), eventLoop: context.eventLoop)
        self.deadline = context.eventLoop.scheduleTask(in: self.timeout) {
            let (handler, context) = bound.value
            handler.look(context)
        }
    }

    private func look(_ context: ChannelHandlerContext) {
        self.deadline = nil
        guard let waiting = self.waiting else { return }
        if ContinuousClock.now - waiting.start >= Duration(self.timeout) {
            self.lose("DEADLINE_EXCEEDED")
            context.close(promise: nil)
        } else {
            self.watch(context)
        }
    }

    private func lose(_ name: String) {
        guard let waiting = self.waiting else { return }
        self.waiting = nil
        self.tally.record(.failed(name), after: .now - waiting.start)
    }
}
