/// What a caller holds, and how fresh and how soon an answer must be.
struct ReadingTerms: Equatable, Sendable {
    /// The version of the answer that the caller holds; empty: none.
    var knownVersion: [UInt8] = []
    /// How much older than the request the answer may be; 0: current.
    var maxStaleness = Duration.zero
    /// How long to wait for another version than the known one, which is not empty; 0: not at all.
    var wait = Duration.zero
}

extension ReadingTerms {
    /// The terms of a request about one job.
    ///
    /// - Parameters:
    ///   - condition: What the request's `If-None-Match` says.
    ///   - isConditional: Whether it has that field at all.
    /// - Throws: ``HTTPFailure`` 400 `BAD_REQUEST`
    init(
        _ query: RequestQuery,
        _ condition: EntityTagCondition,
        isConditional: Bool
    ) throws(HTTPFailure) {
        self.knownVersion = condition.knownVersion
        self.maxStaleness = try query.maxStaleness()
        guard let wait = try query.wait() else { return }
        guard !query.contains("max_staleness") else {
            throw .badRequest("wait and max_staleness exclude each other; give one of them")
        }
        switch condition {
        case .tags(let tags) where tags.count == 1: self.wait = wait
        // The tag is none of ours, so the answer is another one already.
        case .none where isConditional: break
        case .none, .any, .tags:
            throw .badRequest(
                "wait needs If-None-Match with the ETag of one answer, that of the job as you know it"
            )
        }
    }
}
