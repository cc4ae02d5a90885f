import ProgressRPC
import ProgressTokens

/// The last look at an answer before it leaves, for what was not asked for or may not be seen.
enum ScopeCheck {
    /// - Throws: ``HTTPFailure`` 500 `SCOPE_VIOLATION` if a table is of a dataset that `grants` do
    ///   not cover, or the answer is that of another job.
    static func verify(_ progress: PBJobProgress, of id: JobID, against grants: Grants)
        throws(HTTPFailure)
    {
        try Self.verify(answered: progress.jobID, is: id)
        try Self.verify(progress.tables, against: grants)
    }

    /// - Throws: ``HTTPFailure`` 500 `SCOPE_VIOLATION` if a table is of a dataset that `grants` do
    ///   not cover, or there is an answer or a failure of a job that is not among those `asked` about.
    static func verify(
        _ response: PBGetJobProgressBatchResponse,
        asked ids: Set<Int64>,
        against grants: Grants
    ) throws(HTTPFailure) {
        let answered = response.changed.map(\.jobID) + response.failed.map(\.jobID)
        if let stranger = answered.first(where: { !ids.contains($0) }) {
            throw .scopeViolation.because("the server answered for job \(stranger)")
        }
        for progress in response.changed {
            try Self.verify(progress.tables, against: grants)
        }
    }

    /// - Throws: ``HTTPFailure`` 500 `SCOPE_VIOLATION` if a job says what was scheduled, and its
    ///   dataset is none that `grants` cover, or is not known.
    static func verify(_ jobs: [PBJob], against grants: Grants) throws(HTTPFailure) {
        for job in jobs
        where job.hasDescriptorJson
            && !grants.cover(namespace: job.datasetNamespace, name: job.datasetName)
        {
            throw .scopeViolation.because(
                """
                the server sent the descriptor of job \(job.id) of \
                '\(job.datasetNamespace)/\(job.datasetName)' out of scope
                """
            )
        }
    }

    /// - Throws: ``HTTPFailure`` 500 `SCOPE_VIOLATION` if the answer is that of another job.
    static func verify(answered job: Int64, is id: JobID) throws(HTTPFailure) {
        guard job == id.rawValue else {
            throw .scopeViolation.because("the server answered for job \(job)")
        }
    }

    private static func verify(
        _ tables: [PBTableProgress],
        against grants: Grants
    ) throws(HTTPFailure) {
        for table in tables
        where !grants.cover(namespace: table.datasetNamespace, name: table.datasetName) {
            throw .scopeViolation.because(
                """
                the server sent table '\(table.name)' of \
                '\(table.datasetNamespace)/\(table.datasetName)' out of scope
                """
            )
        }
    }
}

extension PBScope {
    /// The predicate that the server applies for these grants.
    init(_ grants: Grants) {
        self.init()
        self.all = grants.coversEverything
        self.details = grants.coversDetails
        if !grants.coversEverything {
            self.datasets = grants.patterns.map { pattern in
                var message = PBDatasetPattern()
                message.namespace = pattern.namespace ?? ""
                message.name = pattern.name ?? ""
                return message
            }
        }
    }
}
