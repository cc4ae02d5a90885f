import NIOCore

/// Output that the server takes, slowly or not at all.
extension ClientConnection {
    func flush() {
        guard let context = self.context else { return }
        if self.output.waitingByteCount > 0 { self.updateOutput(context) }
        guard let frames = self.output.takeFrames(now: .now()) else { return }
        // May close the connection, or read what is left of its input, before it returns.
        context.writeAndFlush(NIOAny(frames), promise: nil)
        self.output.reuse(consume frames)
        self.updateOutput(context)
        let waiting = self.output.waitingByteCount
        if waiting > Limits.outputCloseByteCount {
            self.close(.serverStalled)
        } else if waiting > 0 {
            self.timer?.arm(at: .now() + Limits.stallTimeout)
        }
    }

    func updateOutput(_ context: ChannelHandlerContext) {
        self.output.update(waiting: ConnectionOutput.waitingByteCount(of: context), now: .now())
    }

    func armClock() {
        if let end = self.clock.end { self.timer?.arm(at: end) }
    }

    /// Closes a connection whose frame, or WELCOME, does not complete in time, or whose server takes
    /// no output.
    func checkProgress() {
        guard let context = self.context else { return }
        let now = NIODeadline.now()
        if let end = self.clock.end {
            guard now < end else {
                let text = "the server did not complete a frame in time"
                return self.close(RPCError(.unavailable, text))
            }
            self.timer?.arm(at: end)
        }
        self.updateOutput(context)
        switch self.output.stallCheck(now: now, timeout: Limits.stallTimeout) {
        case .idle: break
        case .check(let instant): self.timer?.arm(at: instant)
        case .stalled: self.close(.serverStalled)
        }
    }
}

extension RPCError {
    fileprivate static let serverStalled = RPCError(
        .unavailable,
        "the server does not read what is sent to it"
    )
}
