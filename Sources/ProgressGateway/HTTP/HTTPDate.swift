import Glibc

/// A moment as the `Date` field writes it (RFC 9110, 5.6.7): `Sun, 06 Nov 1994 08:49:37 GMT`.
enum HTTPDate {
    private static let weekdays = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"]
    private static let months = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ]

    /// - Parameter moment: Seconds since 1970.
    static func text(of moment: time_t = time(nil)) -> String {
        var moment = moment
        var parts = unsafe tm()
        unsafe gmtime_r(&moment, &parts)
        let (day, year) = unsafe (parts.tm_mday, Int(parts.tm_year) + 1900)
        let weekday = unsafe Self.weekdays[Int(parts.tm_wday)]
        let month = unsafe Self.months[Int(parts.tm_mon)]
        let time = unsafe [parts.tm_hour, parts.tm_min, parts.tm_sec].map(Self.twoDigits)
        return "\(weekday), \(Self.twoDigits(day)) \(month) \(year) "
            + "\(time.joined(separator: ":")) GMT"
    }

    private static func twoDigits(_ value: CInt) -> String {
        value < 10 ? "0\(value)" : "\(value)"
    }
}
