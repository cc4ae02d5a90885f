/// The number of a job: 1 to 2^63-1.
struct JobID: Equatable, Sendable, CustomStringConvertible {
    let rawValue: Int64

    /// Reads the segment of a path, percent-decoded once, by the rules of ``RowNumber``.
    ///
    /// - Parameter refusal: The failure with a message: 400 `INVALID_JOB_ID`, if none is given.
    /// - Throws: ``HTTPFailure``
    init(
        segment: some Collection<UInt8>,
        refusedAs refusal: (String) -> HTTPFailure = HTTPFailure.invalidJobID
    ) throws(HTTPFailure) {
        try self.init(decoded: PercentDecoding.decode(segment), refusedAs: refusal)
    }

    /// Reads an id that is percent-decoded, by the same rules.
    ///
    /// - Throws: ``HTTPFailure``
    init(
        decoded bytes: [UInt8],
        refusedAs refusal: (String) -> HTTPFailure = HTTPFailure.invalidJobID
    ) throws(HTTPFailure) {
        do {
            self.rawValue = try RowNumber.parse(bytes, as: "JobId")
        } catch {
            throw refusal(error.text)
        }
    }

    var description: String { String(self.rawValue) }
}
