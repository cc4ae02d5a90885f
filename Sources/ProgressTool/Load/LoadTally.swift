import Histogram

/// What one connection has seen: a latency for each right answer, and how the others ended.
struct LoadTally: Sendable {
    /// Nanoseconds from sending to the decoded answer, 1 µs to 1 h, three digits.
    private(set) var latencies = Histogram<UInt64>(
        lowestDiscernibleValue: 1000,
        highestTrackableValue: 3_600_000_000_000,
        numberOfSignificantValueDigits: .three
    )
    /// Answers that arrived and said something else than they had to.
    private(set) var wrongCount: UInt64 = 0
    /// Calls that ended in an error, by its name.
    private(set) var errors: [String: UInt64] = [:]

    /// Right answers.
    var answerCount: UInt64 { self.latencies.totalCount }

    /// Calls that ended, whichever way.
    var callCount: UInt64 {
        self.answerCount + self.wrongCount + self.errors.values.reduce(0, +)
    }

    mutating func record(_ outcome: LoadOutcome, after elapsed: Duration) {
        switch outcome {
        case .right:
            let (seconds, attoseconds) = elapsed.components
            let nanoseconds =
                seconds.clamped(to: 0...3599) * 1_000_000_000
                + attoseconds / 1_000_000_000
            _ = self.latencies.record(UInt64(max(0, nanoseconds)))
        case .wrong:
            self.wrongCount += 1
        case .failed(let name):
            self.errors[name, default: 0] += 1
        }
    }

    /// Adds what another connection has seen.
    mutating func merge(_ other: LoadTally) {
        self.latencies.add(other.latencies)
        self.wrongCount += other.wrongCount
        self.errors.merge(other.errors, uniquingKeysWith: +)
    }
}

/// How one call ended.
enum LoadOutcome: Equatable, Sendable {
    /// Answered, and the answer is of the form asked for.
    case right
    /// Answered with something else: bytes that do not decode, another job.
    case wrong
    /// Not answered, by the name of the error, such as `DEADLINE_EXCEEDED` or `HTTP 503`.
    case failed(String)
}

extension Comparable {
    fileprivate func clamped(to range: ClosedRange<Self>) -> Self {
        min(max(self, range.lowerBound), range.upperBound)
    }
}
