import ProgressRPC
import Synchronization

/// Answers Echo at once and holds every other call until the test says.
final class HeldCalls: RPCHandler {
    private struct State {
        var calls: [ServerCall] = []
        var cancelledCount = 0
        var waiting: [(Int, CheckedContinuation<Void, Never>)] = []
        var waitingForCancel: [(Int, CheckedContinuation<Void, Never>)] = []
    }

    private let state = Mutex(State())

    func handle(_ call: ServerCall) {
        guard call.method != .echo else { return call.succeed(call.body) }
        call.onCancellation {
            let ready = self.state.withLock { state in
                state.cancelledCount += 1
                let count = state.cancelledCount
                let ready = state.waitingForCancel.filter { $0.0 <= count }
                state.waitingForCancel.removeAll { $0.0 <= count }
                return ready
            }
            for (_, continuation) in ready { continuation.resume() }
            call.fail(RPCError(.cancelled, "the call was cancelled"))
        }
        self.hold(call)
    }

    /// Holds a call that the test answers.
    func hold(_ call: ServerCall) {
        let ready = self.state.withLock { state in
            state.calls.append(call)
            let count = state.calls.count
            let ready = state.waiting.filter { $0.0 <= count }
            state.waiting.removeAll { $0.0 <= count }
            return ready
        }
        for (_, continuation) in ready { continuation.resume() }
    }

    /// Waits until `count` calls have arrived.
    func arrived(_ count: Int) async {
        await withCheckedContinuation { continuation in
            let isThere = self.state.withLock { state in
                if state.calls.count >= count { return true }
                state.waiting.append((count, continuation))
                return false
            }
            if isThere { continuation.resume() }
        }
    }

    /// Waits until `count` calls were cancelled.
    func cancelled(_ count: Int) async {
        await withCheckedContinuation { continuation in
            let isThere = self.state.withLock { state in
                if state.cancelledCount >= count { return true }
                state.waitingForCancel.append((count, continuation))
                return false
            }
            if isThere { continuation.resume() }
        }
    }

    /// Answers every held call; by default those that were cancelled have been answered.
    func release(evenCancelled: Bool = false) {
        let calls = self.state.withLock { state in
            defer { state.calls = [] }
            return state.calls
        }
        for call in calls where evenCancelled || !call.isCancelled { call.succeed(call.body) }
    }
}
