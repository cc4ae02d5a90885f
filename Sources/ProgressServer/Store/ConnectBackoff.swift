/// How long to wait between attempts to connect, while they fail.
struct ConnectBackoff: Sendable {
    static let shortest = Duration.milliseconds(50)
    static let longest = Duration.seconds(5)

    private var failureCount = 0

    /// The delay before the next attempt: doubled with each failure, up to the longest.
    ///
    /// - Parameter jitter: From 0 to 1; takes away up to half of the delay, so that many servers do
    ///   not come back in step.
    mutating func attemptFailed(jitter: Double) -> Duration {
        precondition(0...1 ~= jitter, "jitter is a fraction of 1, not \(jitter)")
        let doublings = min(self.failureCount, 7)
        self.failureCount = doublings + 1
        return min(Self.shortest * (1 << doublings), Self.longest) * (1 - jitter / 2)
    }

    mutating func attemptSucceeded() {
        self.failureCount = 0
    }
}
