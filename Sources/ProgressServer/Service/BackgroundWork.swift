import ProgressPostgres
import Synchronization

/// Threads for what takes long and waits for nobody, so that it holds up neither an event loop nor a
/// session.
final class BackgroundWork: Sendable {
    private struct State {
        var threadCount = 0
        var waiting: [@Sendable () -> Void] = []
    }

    /// Most threads at a time.
    private let threadLimit: Int
    /// Most pieces of work that wait for a thread; one more is refused.
    private let queueLimit: Int
    private let state = Mutex(State())

    init(threadLimit: Int = 2, queueLimit: Int = 64) {
        self.threadLimit = threadLimit
        self.queueLimit = queueLimit
    }

    private enum Arrival {
        case start
        case wait
        case refuse
    }

    /// Has `body` run on another thread, in its turn.
    ///
    /// - Returns: Whether it will be.
    func run(_ body: @escaping @Sendable () -> Void) -> Bool {
        let arrival: Arrival = self.state.withLock { state in
            if state.threadCount < self.threadLimit {
                state.threadCount += 1
                return .start
            }
            guard state.waiting.count < self.queueLimit else { return .refuse }
            state.waiting.append(body)
            return .wait
        }
        switch arrival {
        case .wait: return true
        case .refuse: return false
        case .start: return self.start(body)
        }
    }

    private func start(_ body: @escaping @Sendable () -> Void) -> Bool {
        do {
            try DedicatedThread.start(named: "outlook") {
                body()
                while let next = self.next() { next() }
            }
            return true
        } catch {
            self.state.withLock { $0.threadCount -= 1 }
            return false
        }
    }

    /// What waits longest; `nil`: nothing does, and the thread ends.
    private func next() -> (@Sendable () -> Void)? {
        self.state.withLock { state in
            guard state.waiting.isEmpty else { return state.waiting.removeFirst() }
            state.threadCount -= 1
            return nil
        }
    }
}
