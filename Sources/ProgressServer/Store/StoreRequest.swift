import ProgressPostgres
import Synchronization

/// One read that waits or runs.
final class StoreRequest: Sendable {
    /// Reads, on the thread of a session; what it returns hands the value over.
    typealias Reading = @Sendable (StoreSession, WaitLimit) throws(ReadFailure) -> Delivery
    typealias Delivery = @Sendable () -> Void

    /// What is read, for the log.
    let subject: String
    let deadline: ContinuousClock.Instant
    let read: Reading
    private let state: Mutex<State>

    private struct State {
        /// `nil` once the read has ended.
        var onFailure: (@Sendable (StoreError) -> Void)?
        var isCancelled = false
        /// What to do when the caller goes away: take the request from the queue, or wake its worker.
        var onCancellation: (@Sendable () -> Void)?
    }

    init(
        of subject: String,
        before deadline: ContinuousClock.Instant,
        reading read: @escaping Reading,
        onFailure: @escaping @Sendable (StoreError) -> Void
    ) {
        self.subject = subject
        self.deadline = deadline
        self.read = read
        self.state = Mutex(State(onFailure: onFailure))
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
    func complete(with result: Result<Delivery, StoreError>) {
        let onFailure = self.state.withLock { state in
            defer {
                state.onFailure = nil
                state.onCancellation = nil
            }
            return state.onFailure
        }
        guard let onFailure else { return }
        switch result {
        case .success(let deliver): deliver()
        case .failure(let error): onFailure(error)
        }
    }
}
