/// A time as the gateway writes it: RFC 3339 in UTC, with 0, 3 or 6 decimals, the fewest that say all.
///
/// - Parameter microseconds: Since 1970. A year beyond 0 to 9999, which RFC 3339 does not have, gets a
///   sign.
func rfc3339(microseconds: Int64) -> String {
    let (seconds, fraction) = floored(microseconds, by: 1_000_000)
    let (days, secondOfDay) = floored(seconds, by: 86_400)
    let (year, month, day) = date(daysSince1970: days)
    let years =
        switch year {
        case 0...9_999: padded(year, to: 4)
        case ..<0: "-" + padded(-year, to: 4)
        default: "+\(year)"
        }
    let decimals =
        if fraction == 0 {
            ""
        } else if fraction.isMultiple(of: 1_000) {
            "." + padded(fraction / 1_000, to: 3)
        } else {
            "." + padded(fraction, to: 6)
        }
    return "\(years)-\(padded(month, to: 2))-\(padded(day, to: 2))T"
        + "\(padded(secondOfDay / 3_600, to: 2)):\(padded(secondOfDay / 60 % 60, to: 2)):"
        + "\(padded(secondOfDay % 60, to: 2))\(decimals)+00:00"
}

/// The day of the proleptic Gregorian calendar.
///
/// Years are counted from March, so that the leap day is a year's last, in eras of 400 years, after
/// which the calendar repeats.
private func date(daysSince1970 days: Int64) -> (year: Int64, month: Int64, day: Int64) {
    // From 1 March of the year 0.
    let (era, dayOfEra) = floored(days + 719_468, by: 146_097)
    let yearOfEra =
        (dayOfEra - dayOfEra / 1_460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
    let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
    // Months from March on have 153 days in five.
    let monthFromMarch = (5 * dayOfYear + 2) / 153
    let month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9
    return (
        year: yearOfEra + era * 400 + (month <= 2 ? 1 : 0),
        month: month,
        day: dayOfYear - (153 * monthFromMarch + 2) / 5 + 1
    )
}

/// Quotient and remainder, the remainder never negative.
private func floored(_ value: Int64, by divisor: Int64) -> (Int64, Int64) {
    let (quotient, remainder) = value.quotientAndRemainder(dividingBy: divisor)
    return remainder < 0 ? (quotient - 1, remainder + divisor) : (quotient, remainder)
}

private func padded(_ value: Int64, to width: Int) -> String {
    let digits = String(value)
    return String(repeating: "0", count: max(0, width - digits.count)) + digits
}
