/// The number of an event of a job: 1 to 2^63-1.
struct EventID: Equatable, Sendable, CustomStringConvertible {
    let rawValue: Int64

    /// Reads the segment of a path, percent-decoded once, by the rules of ``RowNumber``.
    ///
    /// - Throws: ``HTTPFailure`` 400 `INVALID_JOB_ID`, as Amp has it.
    init(segment: some Collection<UInt8>) throws(HTTPFailure) {
        do {
            self.rawValue = try RowNumber.parse(PercentDecoding.decode(segment), as: "EventId")
        } catch {
            throw .invalidPathParameters(error.text)
        }
    }

    var description: String { String(self.rawValue) }
}
