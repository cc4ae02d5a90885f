import ProgressChain

/// What the server holds of the database, and of which moment it is: the decisions without the I/O.
///
/// One thread owns it. With the change log it is of one moment as a whole: each reading of the log
/// says what moved since, and all else is current. Without the log each part is proven anew whenever
/// anything in the database moved. `docs/decisions/0009` has the argument.
struct ProgressCache {
    /// Most scopes for which answers of one job are held; beyond it one of them is dropped.
    static let scopeLimit = 64
    /// Most rows of a revision that are read in the moment of an answer; more are read by another
    /// session.
    static let missingLimit = 1_024

    var currency = Currency.scan
    /// Counts the moments at which everything had to be looked at again; never 0.
    var stamp: UInt64 = 1
    var jobs: [JobID: CachedJob] = [:]
    var revisions: [RevisionID: CachedRevision] = [:]
    /// Bytes in memory, about.
    var byteCount = 0
    /// Files held.
    var fileCount = 0
    /// Revisions dropped for want of room.
    var evictionCount = 0
    /// Tracked revisions of which the log named files.
    var changedRevisions: Set<RevisionID> = []
    /// Answers that stand no longer, and those that stand anew, until ``takeNews()``.
    var withdrawn: Set<AnswerKey> = []
    /// Answers that are not held any more, though they may still stand.
    var dropped: Set<AnswerKey> = []
    var renewed: [AnswerKey: HeldAnswer] = [:]
    var useCount: UInt64 = 0

    enum Examination {
        case answer(HeldAnswer)
        case lack(Lack)
    }

    /// A round of requests begins: what it uses counts as used last.
    mutating func roundBegan() { self.useCount += 1 }

    /// The answer that is held and stands: the whole way of a warm request.
    mutating func answer(for id: JobID, _ scope: AnswerScope) -> HeldAnswer? {
        guard let index = self.jobs.index(forKey: id),
            let answer = self.jobs.values[index].answers[scope], answer.stamp == self.stamp
        else { return nil }
        if self.jobs.values[index].lastUse != self.useCount {
            self.jobs.values[index].lastUse = self.useCount
            self.touchRevisions(of: id)
        }
        return answer
    }

    /// The answer, made now if need be, or what must be read first.
    mutating func examine(
        _ id: JobID,
        _ scope: AnswerScope,
        render: (JobPlan?, [RevisionID: TableOutcome]) -> HeldAnswer
    ) -> Examination {
        if let answer = self.answer(for: id, scope) { return .answer(answer) }
        guard let job = self.jobs[id], job.planStamp == self.stamp else {
            return .lack(Lack(plans: [id]))
        }
        let tables = job.plan.flatMap { Visibility(scope.message).tables(of: $0) } ?? []
        var lack = Lack()
        for table in tables { self.examine(table, of: id, into: &lack) }
        guard lack.isEmpty else { return .lack(lack) }
        var answer = job.answers[scope] ?? render(job.plan, self.outcomes(of: tables))
        answer.stamp = self.stamp
        if let answers = self.jobs[id]?.answers, answers.count >= Self.scopeLimit,
            answers[scope] == nil, let other = answers.keys.first
        {
            self.dropAnswer(of: id, other)
        }
        self.updateJob(id) { [useCount] job in
            job.answers[scope] = answer
            job.lastUse = useCount
        }
        self.renewed[AnswerKey(job: id, scope: scope)] = answer
        return .answer(answer)
    }

    mutating func examine(_ table: JobTable, of job: JobID, into lack: inout Lack) {
        let id = table.revision
        guard let phase = self.revisions[id]?.phase else {
            lack.loads[id] = table
            return
        }
        self.revisions[id]?.jobs.insert(job)
        self.revisions[id]?.lastUse = self.useCount
        switch phase {
        case .loading: lack.loading.insert(id)
        case .tracked: lack.files.formUnion(self.revisions[id]?.changed ?? [])
        case .listed(let stamp) where stamp == self.stamp: break
        case .listed: lack.versions.insert(id)
        case .unproven where self.currency == .scan: lack.versions.insert(id)
        case .unproven, .lacking: lack.loads[id] = table
        }
    }

    private mutating func outcomes(of tables: [JobTable]) -> [RevisionID: TableOutcome] {
        var outcomes: [RevisionID: TableOutcome] = [:]
        for id in tables.map(\.revision) where outcomes[id] == nil {
            let outcome = self.revisions[id].map { $0.outcome ?? $0.files.outcome }
            self.revisions[id]?.outcome = outcome
            outcomes[id] = outcome
        }
        return outcomes
    }

    private mutating func touchRevisions(of id: JobID) {
        guard let plan = self.jobs[id]?.plan else { return }
        // By index: a change through an optional value allocates.
        for table in plan.tables {
            guard let index = self.revisions.index(forKey: table.revision) else { continue }
            self.revisions.values[index].lastUse = self.useCount
        }
    }
}
