import Synchronization

/// Counts the requests in flight and lets no more in than a limit.
final class RequestGate: Sendable {
    private let limit: Int
    private let count = Atomic(0)

    init(limit: Int) {
        self.limit = limit
    }

    /// - Returns: Whether there was room; if so, ``leave()`` must follow once.
    func enter() -> Bool {
        if self.count.wrappingAdd(1, ordering: .relaxed).newValue <= self.limit { return true }
        self.leave()
        return false
    }

    func leave() {
        self.count.wrappingSubtract(1, ordering: .relaxed)
    }
}
