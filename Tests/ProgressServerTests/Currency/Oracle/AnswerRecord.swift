/// One call and what came of it.
struct AnswerRecord: Sendable {
    enum Outcome: Sendable {
        case progress(JobAnswer, version: [UInt8], snapshot: String)
        /// The caller held this answer and was told that it still stands.
        case notModified(JobAnswer)
        case notFound
        /// Any other failure.
        case failed(String)
    }

    var job: Int64
    var connection: Int
    /// Before the request was sent.
    var sent: CommitLedger.Mark
    /// After the answer was received.
    var received: CommitLedger.Mark
    var outcome: Outcome
}
