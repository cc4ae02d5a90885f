/// What is allowed where an argument is not; ArgumentParser names the argument and the value.
struct ArgumentProblem: Error, CustomStringConvertible {
    /// What is allowed, such as `it must be between 1 and 64`.
    let description: String
}

/// A transformation of a whole number within `range`.
func wholeNumber<Value: FixedWidthInteger & Sendable>(
    in range: ClosedRange<Value>
) -> @Sendable (String) throws -> Value {
    { text in
        guard let value = Value(text), range.contains(value) else {
            throw ArgumentProblem(
                description: "it must be a whole number between \(range.lowerBound) and "
                    + "\(range.upperBound)"
            )
        }
        return value
    }
}

/// Reads the number of a job: a decimal number from 1 to 2^63-1, as the API does.
func jobNumber(_ text: String) throws -> Int64 {
    guard let id = Int64(text), id >= 1 else {
        throw ArgumentProblem(
            description: "a job's number is between 1 and 9223372036854775807"
        )
    }
    return id
}

/// A transformation of a time span such as `250ms`, `10s`, `2m` or `1h`, within `range`.
func timeSpan(in range: ClosedRange<Duration>) -> @Sendable (String) throws -> Duration {
    { text in
        guard let value = parseDuration(text), range.contains(value) else {
            throw ArgumentProblem(
                description: "it must be a number with ms, s, m or h, between "
                    + "\(spoken(range.lowerBound)) and \(spoken(range.upperBound))"
            )
        }
        return value
    }
}

/// Reads `250ms`, `10s`, `2m`, `1h`, or seconds without a unit; `nil` if it is none of these.
func parseDuration(_ text: String) -> Duration? {
    let digits = text.prefix { $0.isASCII && $0.isNumber }
    guard let count = Int64(digits), count <= 86_400_000 else { return nil }
    switch text.dropFirst(digits.count) {
    case "ms": return .milliseconds(count)
    case "", "s": return .seconds(count)
    case "m": return .seconds(count * 60)
    case "h": return .seconds(count * 3_600)
    default: return nil
    }
}

/// A time span in the largest unit that holds it exactly, such as `90s` or `1h`.
func spoken(_ duration: Duration) -> String {
    let (seconds, attoseconds) = duration.components
    if attoseconds != 0 {
        return "\(seconds * 1_000 + attoseconds / 1_000_000_000_000_000)ms"
    }
    if seconds > 0, seconds % 3_600 == 0 { return "\(seconds / 3_600)h" }
    if seconds > 0, seconds % 60 == 0 { return "\(seconds / 60)m" }
    return "\(seconds)s"
}
