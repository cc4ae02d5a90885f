/// The number of a job: 1 to 2^63-1.
struct JobID: Equatable, Sendable, CustomStringConvertible {
    let rawValue: Int64

    /// Reads the segment of a path, by Amp's rules: percent-decoded once, then an optional sign and
    /// decimal digits.
    ///
    /// Leading zeros are allowed, so `042` and `+42` are job 42.
    ///
    /// - Throws: ``HTTPFailure`` 400 `INVALID_JOB_ID`.
    init(segment: some Collection<UInt8>) throws(HTTPFailure) {
        try self.init(decoded: PercentDecoding.decode(segment))
    }

    /// Reads an id that is percent-decoded, by the same rules.
    ///
    /// - Throws: ``HTTPFailure`` 400 `INVALID_JOB_ID`.
    init(decoded bytes: [UInt8]) throws(HTTPFailure) {
        let text = String(decoding: bytes, as: UTF8.self)
        // `Int64.init(_:)` takes an optional sign and ASCII digits, and nothing else.
        guard let value = Int64(text) else {
            // These words and the next are Amp's, for clients that look at them.
            throw .invalidJobID("Cannot parse `\(HTTPFailure.shown(bytes))` to a `i64`")
        }
        guard value > 0 else { throw .invalidJobID("JobId must be positive, got: \(value)") }
        self.rawValue = value
    }

    var description: String { String(self.rawValue) }
}
