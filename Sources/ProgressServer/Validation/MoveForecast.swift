/// Whether the database has moved since the last look, judged by what earlier looks found after pauses
/// of about the same length.
///
/// Who expects that nothing moved asks for the snapshot alone, the shortest way to know; who expects
/// that something did asks the log at once, and saves a round trip. A wrong guess costs time and nothing
/// else. The counters are those of branch prediction (Smith, A Study of Branch Prediction
/// Strategies, 1981): two bits for each case, so that one exception does not change the mind.
struct MoveForecast: Equatable, Sendable {
    /// Pauses from 2^n to 2^(n + 1) µs, for n up to 31.
    private var counters = [UInt8](repeating: 0, count: 32)

    func expectsMove(after pause: Duration) -> Bool { self.counters[Self.index(pause)] >= 2 }

    /// Notes what a look found after a pause.
    mutating func found(hasMoved: Bool, after pause: Duration) {
        let index = Self.index(pause)
        let counter = self.counters[index]
        self.counters[index] = hasMoved ? min(3, counter + 1) : counter - min(1, counter)
    }

    private static func index(_ pause: Duration) -> Int {
        let microseconds = UInt32(clamping: Int64(pause / .microseconds(1)))
        return 31 - max(1, microseconds).leadingZeroBitCount
    }
}
