/// Lets through one message a subject and interval, and counts the others.
struct LogThrottle {
    /// Most subjects kept in mind; beyond it the oldest is forgotten.
    static let subjectLimit = 1_024

    private struct Window {
        var end: ContinuousClock.Instant
        var suppressedCount = 0
    }

    private let interval: Duration
    private var windows: [String: Window] = [:]

    init(interval: Duration) { self.interval = interval }

    /// - Returns: How many messages on the subject were suppressed since the last one, or `nil` if
    ///   this one is to be suppressed too.
    mutating func admit(_ subject: String, at now: ContinuousClock.Instant) -> Int? {
        if let window = self.windows[subject], window.end > now {
            self.windows[subject]?.suppressedCount += 1
            return nil
        }
        let suppressedCount = self.windows[subject]?.suppressedCount ?? 0
        if self.windows.count >= Self.subjectLimit, self.windows[subject] == nil {
            let oldest = self.windows.min { $0.value.end < $1.value.end }
            if let oldest { self.windows[oldest.key] = nil }
        }
        self.windows[subject] = Window(end: now.advanced(by: self.interval))
        return suppressedCount
    }
}
