/// How long PostgreSQL takes to answer, lately.
struct RoundTrip: Equatable, Sendable {
    /// Longest average that still counts as short.
    static let shortLimit = Duration.microseconds(150)
    /// How long an event loop waits for an answer: longer than a short one takes, and shorter than
    /// anybody would notice.
    static let patience = Duration.microseconds(300)

    /// Longer than any at first, so that the first rounds are the thread's own.
    private var average = Duration.milliseconds(1)

    /// Counts one, the last with a weight of an eighth.
    mutating func took(_ duration: Duration) {
        self.average += (min(duration, .milliseconds(1)) - self.average) / 8
    }

    var isShort: Bool { self.average <= Self.shortLimit }
}
