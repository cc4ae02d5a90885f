import NIOCore

extension ServerConnection {
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
            // Without a closure on the event loop, as most calls end there.
            guard !self.eventLoop.inEventLoop else {
                return self.bound.value.callEnded(call, outcome)
            }
            self.perform { $0.callEnded(call, outcome) }
        }
    }
}
