/// The number of a job: 1 or more.
struct JobID: Hashable, Sendable, CustomStringConvertible {
    let rawValue: Int64

    /// `nil` unless `rawValue` is positive.
    init?(rawValue: Int64) {
        guard rawValue >= 1 else { return nil }
        self.rawValue = rawValue
    }

    var description: String { "\(self.rawValue)" }
}
