import Logging
import ServiceLifecycle
import UnixSignals

/// Has the token file read again on SIGHUP and at intervals.
struct TokenReloader: Service {
    /// `nil`: there are no tokens, and SIGHUP does nothing but not end the process.
    let source: TokenSource?
    /// Time from a change of the file to its effect, at most; SIGHUP is at once.
    let interval: Duration
    let logger: Logger

    /// Runs until the service group stops.
    func run() async throws {
        await withDiscardingTaskGroup { group in
            group.addTask {
                let signals = await UnixSignalsSequence(trapping: .sighup)
                self.logger.debug("waiting for SIGHUP")
                for await _ in signals.cancelOnGracefulShutdown() {
                    self.logger.notice("received SIGHUP")
                    self.source?.reload()
                }
            }
            group.addTask { await self.poll() }
        }
    }

    private func poll() async {
        guard let source else { return }
        // Throws only when it is cancelled, which is how it ends.
        try? await cancelWhenGracefulShutdown {
            while true {
                try await Task.sleep(for: self.interval)
                source.reload()
            }
        }
    }
}
