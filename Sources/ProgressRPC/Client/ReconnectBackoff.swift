import NIOCore

/// How long to wait before the next attempt to connect.
///
/// Doubles from the shortest to the longest delay, each cut by up to a half at random, so that
/// clients of a server that restarts do not come back in step.
struct ReconnectBackoff: Sendable {
    var shortest: TimeAmount
    var longest: TimeAmount
    private var failureCount = 0

    /// - Parameter shortest: At least 1 ms counts.
    init(shortest: TimeAmount, longest: TimeAmount) {
        // None at all would be a loop.
        self.shortest = max(shortest, .milliseconds(1))
        self.longest = max(longest, self.shortest)
    }

    /// An attempt failed.
    ///
    /// - Parameter random: From 0 to 1.
    /// - Returns: How long to wait, never more than ``longest``.
    mutating func attemptFailed(random: Double) -> TimeAmount {
        let factor = Int64(1) << Int64(min(self.failureCount, 20))
        self.failureCount += 1
        let (delay, overflow) = self.shortest.nanoseconds.multipliedReportingOverflow(by: factor)
        let full = overflow ? self.longest.nanoseconds : min(delay, self.longest.nanoseconds)
        return .nanoseconds(full - Int64(Double(full / 2) * random))
    }

    /// An attempt succeeded.
    mutating func attemptSucceeded() {
        self.failureCount = 0
    }
}
