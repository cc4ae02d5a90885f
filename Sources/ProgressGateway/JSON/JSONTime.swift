package import NIOCore

extension ByteBuffer {
    /// Writes a moment as a JSON string of RFC 3339 in UTC, such as `"2026-03-13T09:30:00.120+00:00"`,
    /// with no, three or six digits of a second: the fewest that are exact.
    ///
    /// Years before 0 and after 9999, which RFC 3339 does not have, have a sign.
    ///
    /// - Parameter microseconds: Since 1970, in the Gregorian calendar.
    package mutating func writeJSON(microseconds: Int64) {
        let (seconds, fraction) = Self.floored(microseconds, by: 1_000_000)
        let (days, second) = Self.floored(seconds, by: 86_400)
        let (year, month, day) = Self.date(ofDay: days)
        self.writeStaticString("\"")
        if !(0...9999 ~= year) { self.writeStaticString(year < 0 ? "-" : "+") }
        self.writeDigits(abs(year), atLeast: 4)
        self.writeStaticString("-")
        self.writeDigits(month, atLeast: 2)
        self.writeStaticString("-")
        self.writeDigits(day, atLeast: 2)
        self.writeStaticString("T")
        self.writeDigits(second / 3_600, atLeast: 2)
        self.writeStaticString(":")
        self.writeDigits(second / 60 % 60, atLeast: 2)
        self.writeStaticString(":")
        self.writeDigits(second % 60, atLeast: 2)
        if fraction % 1_000 != 0 {
            self.writeStaticString(".")
            self.writeDigits(fraction, atLeast: 6)
        } else if fraction != 0 {
            self.writeStaticString(".")
            self.writeDigits(fraction / 1_000, atLeast: 3)
        }
        self.writeStaticString("+00:00\"")
    }

    private mutating func writeDigits(_ value: Int64, atLeast count: Int) {
        let digits = String(value)
        for _ in 0..<max(0, count - digits.utf8.count) { self.writeStaticString("0") }
        self.writeString(digits)
    }

    /// Quotient rounded down, and the remainder, which is 0 or above.
    private static func floored(_ value: Int64, by divisor: Int64) -> (Int64, Int64) {
        let (quotient, remainder) = value.quotientAndRemainder(dividingBy: divisor)
        return remainder < 0 ? (quotient - 1, remainder + divisor) : (quotient, remainder)
    }

    /// The date of a day counted from 1970-01-01.
    ///
    /// Years are counted from March here, so that a leap day is the last of its year, and in eras
    /// of 400 years, which all have 146,097 days.
    private static func date(ofDay day: Int64) -> (year: Int64, month: Int64, day: Int64) {
        let daysFromYear0 = day + 719_468
        let (era, dayOfEra) = Self.floored(daysFromYear0, by: 146_097)
        let leapDays = dayOfEra / 1_460 - dayOfEra / 36_524 + dayOfEra / 146_096
        let yearOfEra = (dayOfEra - leapDays) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        // Five months from March on have 153 days, as the next five do.
        let monthFromMarch = (5 * dayOfYear + 2) / 153
        let month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9
        let year = era * 400 + yearOfEra + (month <= 2 ? 1 : 0)
        return (year, month, dayOfYear - (153 * monthFromMarch + 2) / 5 + 1)
    }
}
