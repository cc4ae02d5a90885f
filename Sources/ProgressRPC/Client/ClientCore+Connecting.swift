import Glibc
import Logging
import NIOCore
import NIOPosix

/// Making connections, and what becomes of waiting calls when that fails.
extension ClientCore {
    func connectIfNeeded() {
        guard case .none = self.link, !self.queue.isEmpty, !self.isClosed else { return }
        if let pause = self.pause, pause.end > .now() {
            self.reconnectTimer?.arm(at: pause.end)
            return
        }
        let connection = ClientConnection(core: self, configuration: self.configuration)
        self.link = .connecting(connection)
        let bound = NIOLoopBound((self, connection), eventLoop: self.eventLoop)
        let bufferByteCount = self.configuration.socketBufferByteCount
        ClientBootstrap(group: self.eventLoop)
            .connectTimeout(.seconds(5))
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    if let bufferByteCount {
                        try channel.syncOptions?.setOption(
                            .socketOption(.so_sndbuf),
                            value: bufferByteCount
                        )
                    }
                    try channel.pipeline.syncOperations.addHandler(bound.value.1)
                }
            }
            .connect(to: SocketAddress(unixPath: self.configuration.socketPath))
            .hop(to: self.eventLoop)
            .whenFailure { error in
                let (core, connection) = bound.value
                core.couldNotConnect(connection, error)
            }
    }

    private func couldNotConnect(_ connection: ClientConnection, _ error: any Error) {
        guard case .connecting(let current) = self.link, current === connection else { return }
        self.link = .none
        if let error = error as? IOError, error.errnoCode == EAGAIN {
            // The server's backlog is full: try again very soon.
            let delay = self.busyBackoff.attemptFailed(random: .random(in: 0...1))
            self.pause = (.now() + delay, nil)
        } else {
            self.connectFailed(.unreachable, mayRetry: false)
        }
        self.connectIfNeeded()
    }

    /// - Parameter mayRetry: Whether a server was there, so that the attempt counts as one of the
    ///   two of each call that waited for it, and the next server on the path may take the second.
    func connectFailed(_ error: RPCError, mayRetry: Bool) {
        let delay = self.backoff.attemptFailed(random: .random(in: 0...1))
        var error = error
        error.isNotProcessed = true
        self.logger?.debug("cannot connect", metadata: ["error": "\(error)"])
        var waiting = CircularBuffer<OutgoingCall>()
        var failing: [OutgoingCall] = []
        let isPassing = mayRetry && error.code == .unavailable
        for call in self.queue {
            if isPassing { call.connectionFailed() }
            if call.request.waits(after: error) || (isPassing && call.mayBeRetried) {
                waiting.append(call)
            } else {
                failing.append(call)
            }
        }
        self.queue = waiting
        let hasSecondChance = waiting.contains { !$0.request.waitsForConnection }
        self.pause = (.now() + delay, hasSecondChance ? nil : error)
        for call in failing { self.callEnded(call, .failure(error)) }
    }
}
