/// How callers write the number of a job or an event: 1 to 2^63-1.
enum RowNumber {
    /// What is wrong with a number, in Amp's words, for clients that look at them.
    struct Objection: Error, Equatable {
        let text: String
    }

    /// Reads a number by Amp's rules: an optional sign and decimal digits, leading zeros allowed, so
    /// that `042` and `+42` are 42.
    ///
    /// - Parameters:
    ///   - bytes: Percent-decoded.
    ///   - type: What Amp calls such a number.
    static func parse(_ bytes: [UInt8], as type: StaticString) throws(Objection) -> Int64 {
        // `Int64.init(_:)` takes an optional sign and ASCII digits, and nothing else.
        guard let value = Int64(String(decoding: bytes, as: UTF8.self)) else {
            throw Objection(text: "Cannot parse `\(HTTPFailure.shown(bytes))` to a `i64`")
        }
        guard value > 0 else { throw Objection(text: "\(type) must be positive, got: \(value)") }
        return value
    }
}
