import ProgressChain

/// What is held of a job at one moment, as far as one scope shows it.
struct JobHoldings: Sendable {
    var plan: JobPlan
    /// Those in scope, by name.
    var tables: [JobTable]
    /// Shares its storage with the cache.
    var files: [RevisionID: RevisionFiles]
}

extension ProgressCache {
    enum HoldingsExamination {
        /// `nil`: there is no such job in scope.
        case holdings(JobHoldings?)
        case lack(Lack)
    }

    /// All that is held of a job, or what must be read first.
    mutating func holdings(of id: JobID, _ scope: AnswerScope) -> HoldingsExamination {
        guard let job = self.jobs[id], job.planStamp == self.stamp else {
            return .lack(Lack(plans: [id]))
        }
        guard let plan = job.plan, let tables = Visibility(scope.message).tables(of: plan) else {
            return .holdings(nil)
        }
        var lack = Lack()
        for table in tables { self.examine(table, of: id, into: &lack) }
        guard lack.isEmpty else { return .lack(lack) }
        self.jobs[id]?.lastUse = self.useCount
        let files = tables.map(\.revision).map {
            ($0, self.revisions[$0]?.files ?? RevisionFiles())
        }
        return .holdings(
            JobHoldings(
                plan: plan,
                tables: tables,
                files: Dictionary(files) { first, _ in first }
            )
        )
    }
}
