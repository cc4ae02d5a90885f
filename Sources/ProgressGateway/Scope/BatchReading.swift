import ProgressRPC
import ProgressTokens

/// What the server says of several jobs at one moment, checked.
struct BatchReading: Sendable {
    /// In the order of the request.
    var jobs: [PBJobProgress] = []
    /// Why others have no answer, in the order of the request.
    var failures: [(id: JobID, failure: HTTPFailure)] = []
    /// How old the moment was, in microseconds; `nil`: it came after the request.
    var age: UInt32?

    /// What a caller learns who may see no job.
    init(hiding ids: [JobID]) {
        self.failures = ids.map { ($0, .jobNotFound($0)) }
    }

    /// Pairs each job with its answer or failure.
    ///
    /// - Throws: ``HTTPFailure`` 500 `SCOPE_VIOLATION` for what was not asked for or may not be seen,
    ///   502 `BAD_GATEWAY` if a job has no answer.
    init(
        _ response: PBGetJobProgressBatchResponse,
        to ids: [JobID],
        within grants: Grants
    ) throws(HTTPFailure) {
        try ScopeCheck.verify(response, asked: Set(ids.map(\.rawValue)), against: grants)
        var changed = response.changed[...]
        var failed = response.failed[...]
        for id in ids {
            if let progress = changed.first, progress.jobID == id.rawValue {
                self.jobs.append(progress)
                changed.removeFirst()
            } else if let failure = failed.first, failure.jobID == id.rawValue {
                self.failures.append((id, HTTPFailure(RPCError(failure), for: id)))
                failed.removeFirst()
            } else {
                throw .badGateway.because("the server says nothing of job \(id), or in its place")
            }
        }
        guard changed.isEmpty, failed.isEmpty else {
            throw .badGateway.because("the server answered for a job twice")
        }
        self.age = response.hasAgeUs ? response.ageUs : nil
    }
}
