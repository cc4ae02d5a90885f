import Synchronization

/// One read that waits or runs.
final class StoreRequest: Sendable {
    let job: JobID
    let choose: @Sendable (JobPlan) -> [JobTable]
    let deadline: ContinuousClock.Instant
    private let state: Mutex<State>

    private struct State {
        /// `nil` once called.
        var completion: (@Sendable (Result<JobReading, StoreError>) -> Void)?
        var isCancelled = false
        /// What to do when the caller goes away: take the request from the queue, or wake its worker.
        var onCancellation: (@Sendable () -> Void)?
    }

    init(
        job: JobID,
        choosing choose: @escaping @Sendable (JobPlan) -> [JobTable],
        before deadline: ContinuousClock.Instant,
        completion: @escaping @Sendable (Result<JobReading, StoreError>) -> Void
    ) {
        self.job = job
        self.choose = choose
        self.deadline = deadline
        self.state = Mutex(State(completion: completion))
    }

    /// Whether nobody waits for the reading any more.
    var isCancelled: Bool { self.state.withLock { $0.isCancelled } }

    /// Gives the read up; it still completes, with an error if it had not done so before.
    func cancel() {
        let action = self.state.withLock { state in
            state.isCancelled = true
            return state.onCancellation
        }
        // Outside the lock: it completes the request, or wakes a thread that looks at it.
        action?()
    }

    /// Sets what ``cancel()`` does; at once if it has been called.
    func onCancellation(_ action: (@Sendable () -> Void)?) {
        let isCancelled = self.state.withLock { state in
            state.onCancellation = action
            return state.isCancelled
        }
        if isCancelled { action?() }
    }

    /// Hands the result over; later results are dropped.
    func complete(with result: Result<JobReading, StoreError>) {
        let completion = self.state.withLock { state in
            defer {
                state.completion = nil
                state.onCancellation = nil
            }
            return state.completion
        }
        completion?(result)
    }
}
