/// The moment when a file was created, by the clock of the worker that wrote it.
///
/// Unix time at nanosecond precision, which is what decides between files of the same start.
package struct FileTime: Hashable, Comparable, Sendable {
    /// Whole seconds since 1970-01-01 UTC.
    package let seconds: UInt64
    /// The rest, from 0 to 999,999,999.
    package let nanoseconds: UInt32

    /// 1970-01-01 UTC.
    package static let epoch = Self(validSeconds: 0, nanoseconds: 0)

    /// The last second of the year 262142, where the calendar that Amp reads times with ends.
    package static let lastSecond: UInt64 = 8_210_266_876_799

    /// Creates a time; a second or nanosecond that no calendar has gives the ``epoch``, as in Amp.
    package init(seconds: UInt64, nanoseconds: UInt32) {
        let isValid = seconds <= Self.lastSecond && nanoseconds < 1_000_000_000
        self.init(
            validSeconds: isValid ? seconds : 0,
            nanoseconds: isValid ? nanoseconds : 0
        )
    }

    private init(validSeconds seconds: UInt64, nanoseconds: UInt32) {
        self.seconds = seconds
        self.nanoseconds = nanoseconds
    }

    package static func < (lhs: Self, rhs: Self) -> Bool {
        if lhs.seconds != rhs.seconds { return lhs.seconds < rhs.seconds }
        return lhs.nanoseconds < rhs.nanoseconds
    }
}
