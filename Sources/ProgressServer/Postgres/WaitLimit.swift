/// How long a caller waits for PostgreSQL, and whether it still does.
package struct WaitLimit: Sendable {
    package var deadline: ContinuousClock.Instant
    /// Asked whenever the session's ``WakeUp`` is signalled.
    package var isCancelled: @Sendable () -> Bool
    /// Whether the wait leaves the session's ``WakeUp`` alone, whose signals are for another thread.
    package var ignoresWakeUp = false

    package init(
        deadline: ContinuousClock.Instant,
        isCancelled: @escaping @Sendable () -> Bool = { false }
    ) {
        self.deadline = deadline
        self.isCancelled = isCancelled
    }

    /// A limit that only time sets.
    package static func after(_ timeout: Duration) -> Self {
        Self(deadline: .now.advanced(by: timeout))
    }

    /// Why the wait must end now, if it must.
    var violation: PostgresError? {
        if self.isCancelled() { return PostgresError(.cancelled, "the caller went away") }
        guard self.deadline > .now else {
            return PostgresError(.deadlineExceeded, "PostgreSQL did not answer before the deadline")
        }
        return nil
    }
}
