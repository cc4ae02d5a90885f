import Synchronization

/// How much is left to do: a number of calls and a time; shared by all callers.
final class LoadBudget: Sendable {
    private let duration: Duration
    private let rest: Atomic<Int>
    private let end = Mutex<ContinuousClock.Instant?>(nil)

    /// The time begins with ``start(at:)``.
    ///
    /// - Parameter requestCount: Calls in all; `nil` for no such limit.
    init(duration: Duration, requestCount: Int?) {
        self.duration = duration
        self.rest = Atomic(requestCount ?? .max)
    }

    /// Lets the time run.
    func start(at now: ContinuousClock.Instant) {
        self.end.withLock { $0 = now.advanced(by: self.duration) }
    }

    /// Takes one call out of the budget; `false` when there is none left at `now`.
    func takeCall(at now: ContinuousClock.Instant) -> Bool {
        guard self.isInTime(at: now) else { return false }
        // Below zero by at most one a caller, which cannot wrap.
        return self.rest.wrappingSubtract(1, ordering: .relaxed).oldValue > 0
    }

    /// Whether nothing is left at `now`.
    func isSpent(at now: ContinuousClock.Instant) -> Bool {
        !self.isInTime(at: now) || self.rest.load(ordering: .relaxed) <= 0
    }

    /// Ends the run: no call is handed out any more.
    func exhaust() {
        self.rest.store(0, ordering: .relaxed)
    }

    private func isInTime(at now: ContinuousClock.Instant) -> Bool {
        self.end.withLock { end in end.map { now < $0 } ?? true }
    }
}
