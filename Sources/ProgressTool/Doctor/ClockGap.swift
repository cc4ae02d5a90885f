import FoundationEssentials
import Glibc

/// Largest difference between two clocks that nobody need look at, in microseconds (2 s).
private let harmlessClockGap: Int64 = 2_000_000

/// By how much another clock must differ from ours, in microseconds; above 0: it is ahead.
///
/// - Parameters:
///   - theirs: Between which times the other clock was when it was read.
///   - ours: When we had asked, and when the answer was there: the reading lies between.
func clockGap(theirs: ClosedRange<Int64>, ours: ClosedRange<Int64>) -> Int64 {
    if theirs.lowerBound > ours.upperBound {
        let (gap, isTooLarge) = theirs.lowerBound.subtractingReportingOverflow(ours.upperBound)
        return isTooLarge ? .max : gap
    }
    if theirs.upperBound < ours.lowerBound {
        let (gap, isTooLarge) = theirs.upperBound.subtractingReportingOverflow(ours.lowerBound)
        return isTooLarge ? .min : gap
    }
    return 0
}

/// What a gap says to the one who runs the hosts.
func clockFinding(gap: Int64) -> Finding {
    let tenths = gap.magnitude / 100_000
    let span = "\(tenths / 10).\(tenths % 10) s"
    guard gap.magnitude > UInt64(harmlessClockGap) else {
        return Finding(.ok, "clock", "theirs and ours differ by \(span) or less")
    }
    return Finding(
        .warn,
        "clock",
        "theirs is \(span) \(gap > 0 ? "ahead of" : "behind") ours",
        remedy: "are both hosts' clocks synchronised?"
    )
}

/// The second that a `Date` field of HTTP names, in microseconds since 1970; `nil` if it is not of the
/// form `Sun, 06 Nov 1994 08:49:37 GMT`, the only one that is still sent.
func httpSecond(_ field: String) -> ClosedRange<Int64>? {
    let months = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ]
    guard
        let match = field.wholeMatch(
            of: /[A-Z][a-z]{2}, (\d\d) ([A-Z][a-z]{2}) (\d{4}) ([\d:]{8}) GMT/
        ),
        let month = months.firstIndex(of: String(match.2)),
        let date = try? Date(
            "\(match.3)-\(month < 9 ? "0" : "")\(month + 1)-\(match.1)T\(match.4)Z",
            strategy: .iso8601
        )
    else { return nil }
    // Four digits of a year keep this within 64 bits.
    let start = Int64(date.timeIntervalSince1970) * 1_000_000
    return start...start + 999_999
}

/// Our clock, in microseconds since 1970.
func wallClock() -> Int64 {
    var time = timespec()
    clock_gettime(CLOCK_REALTIME, &time)
    return Int64(time.tv_sec) * 1_000_000 + Int64(time.tv_nsec) / 1_000
}
