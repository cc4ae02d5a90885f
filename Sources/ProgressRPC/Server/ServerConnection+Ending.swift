import Logging
import NIOCore

/// Output that its peer takes, slowly or not at all, and the connection's end.
extension ServerConnection {
    func flush() {
        guard let context = self.context else { return }
        if self.output.waitingByteCount > 0 { self.updateOutput(context) }
        guard let frames = self.output.takeFrames(now: .now()) else { return }
        // May close the connection, or read what is left of its input, before it returns.
        context.writeAndFlush(NIOAny(frames), promise: nil)
        self.output.reuse(consume frames)
        self.updateOutput(context)
        let waiting = self.output.waitingByteCount
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

    func updateOutput(_ context: ChannelHandlerContext) {
        self.output.update(waiting: ConnectionOutput.waitingByteCount(of: context), now: .now())
    }

    /// Ends the output when the peer has taken it, and then the connection.
    func closeAfterOutput() {
        guard !self.isEnding else { return }
        self.ending = .writing
        self.flush()
        guard let context = self.context else { return }
        // To close the output at once would drop what waits if the input has ended.
        let isWritten = context.eventLoop.makePromise(of: Void.self)
        let reference = Reference(self, on: context.eventLoop)
        isWritten.futureResult.whenSuccess { reference.perform { $0.outputTaken() } }
        context.writeAndFlush(NIOAny(ByteBuffer()), promise: isWritten)
    }

    func outputTaken() {
        guard let context = self.context else { return }
        guard !self.isInputEnded else { return context.close(promise: nil) }
        let end = NIODeadline.now() + self.shared.configuration.lingerTimeout
        self.ending = .lingering(until: end)
        self.liveTimer?.arm(at: end)
        context.close(mode: .output, promise: nil)
    }

    func armClock() {
        if let end = self.clock.end { self.liveTimer?.arm(at: end) }
    }

    func checkLiveness() {
        guard let context = self.context else { return }
        let now = NIODeadline.now()
        switch self.ending {
        case .lingering(let end):
            guard now < end else { return context.close(promise: nil) }
            self.liveTimer?.arm(at: end)
        case .writing: break
        case .none:
            guard let end = self.clock.end else { break }
            guard now < end else {
                self.shared.logger.debug("connection closed: a frame did not complete in time")
                return context.close(promise: nil)
            }
            self.liveTimer?.arm(at: end)
        }
        self.updateOutput(context)
        let timeout = self.shared.configuration.stallTimeout
        switch self.output.stallCheck(now: now, timeout: timeout) {
        case .idle: break
        case .check(let instant): self.liveTimer?.arm(at: instant)
        case .stalled:
            self.shared.logger.debug("connection closed: its peer takes no output")
            context.close(promise: nil)
        }
    }
}
