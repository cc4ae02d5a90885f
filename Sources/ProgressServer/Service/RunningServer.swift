import ProgressRPC
import Synchronization

/// What the handler knows of the server that calls it; the server is made after the handler.
final class RunningServer: Sendable {
    private struct State {
        var server: RPCServer?
        var isDraining = false
    }

    private let state = Mutex(State())

    /// Introduces the server; called once, before it serves.
    func introduce(_ server: RPCServer) {
        self.state.withLock { $0.server = server }
    }

    /// From here on the server's health is that of one who leaves.
    func drainBegan() {
        self.state.withLock { $0.isDraining = true }
    }

    /// Forgets the server, which refers to the handler and so to this.
    func stopped() {
        self.state.withLock { $0.server = nil }
    }

    var isDraining: Bool { self.state.withLock { $0.isDraining } }

    /// 0 before the introduction.
    var epoch: UInt64 { self.state.withLock { $0.server }?.epoch ?? 0 }

    var statistics: PBStatsResponse {
        self.state.withLock { $0.server }?.statistics() ?? PBStatsResponse()
    }
}
