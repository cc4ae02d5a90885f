/// The number of a job: 1 to 2^63-1.
struct JobID: Equatable, Sendable, CustomStringConvertible {
    /// Most bytes of a wrong id that its message repeats.
    private static let shownByteCount = 64

    let rawValue: Int64

    /// Reads the segment of a path, by Amp's rules: percent-decoded once, then an optional sign and
    /// decimal digits.
    ///
    /// Leading zeros are allowed, so `042` and `+42` are job 42.
    ///
    /// - Throws: ``HTTPFailure`` 400 `INVALID_JOB_ID`.
    init(segment: some Collection<UInt8>) throws(HTTPFailure) {
        let bytes = PercentDecoding.decode(segment)
        let text = String(decoding: bytes, as: UTF8.self)
        // `Int64.init(_:)` takes an optional sign and ASCII digits, and nothing else.
        guard let value = Int64(text) else {
            let isLong = bytes.count > Self.shownByteCount
            let shown =
                isLong
                ? String(decoding: bytes.prefix(Self.shownByteCount), as: UTF8.self) + "…" : text
            // These words and the next are Amp's, for clients that look at them.
            throw .invalidJobID("Cannot parse `\(shown)` to a `i64`")
        }
        guard value > 0 else { throw .invalidJobID("JobId must be positive, got: \(value)") }
        self.rawValue = value
    }

    var description: String { String(self.rawValue) }
}
