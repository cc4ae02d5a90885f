/// A time for a table, `2024-01-15 10:30:00`, in UTC and without a part of a second.
///
/// - Parameter text: RFC 3339 in UTC; anything else stays as it is, so that no time is shown wrong.
func timeText(_ text: String) -> String {
    guard let match = text.wholeMatch(of: /(\d{4}-\d\d-\d\d)T(\d\d:\d\d:\d\d)(\.\d+)?(\+00:00|Z)/)
    else { return text }
    return "\(match.1) \(match.2)"
}
