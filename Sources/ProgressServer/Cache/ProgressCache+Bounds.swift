/// Bounds and books.
extension ProgressCache {
    /// Drops what was used longest ago until at most `budget` bytes are held; what is being read stays.
    mutating func evict(to budget: Int) {
        guard self.byteCount > budget else { return }
        // A little more than needed, so that the next load does not sort everything again.
        let target = budget - budget / 16
        var uses = self.revisions.filter { $0.value.phase != .loading }
            .map { (use: $0.value.lastUse, entry: Entry.revision($0.key)) }
        uses += self.jobs.map { (use: $0.value.lastUse, entry: Entry.job($0.key)) }
        uses.sort { $0.use < $1.use }
        for (_, entry) in uses where self.byteCount > target {
            switch entry {
            case .revision(let id):
                self.drop(id)
                self.evictionCount += 1
            case .job(let id): self.dropJob(id)
            }
        }
    }

    private enum Entry {
        case revision(RevisionID)
        case job(JobID)
    }

    mutating func dropJob(_ id: JobID) {
        self.withdrawAnswers(of: id)
        guard let job = self.jobs.removeValue(forKey: id) else { return }
        self.byteCount -= job.countedByteCount
        for table in job.plan?.tables ?? [] { self.revisions[table.revision]?.jobs.remove(id) }
    }

    mutating func withdrawAnswers(on revision: RevisionID) {
        for job in self.revisions[revision]?.jobs ?? [] { self.withdrawAnswers(of: job) }
    }

    mutating func withdrawAnswers(of id: JobID) {
        guard let answers = self.jobs[id]?.answers, !answers.isEmpty else { return }
        for scope in answers.keys {
            let key = AnswerKey(job: id, scope: scope)
            self.renewed[key] = nil
            self.withdrawn.insert(key)
        }
        self.updateJob(id) { $0.answers = [:] }
    }

    /// Makes room for an answer for another scope.
    mutating func dropAnswer(of id: JobID, _ scope: AnswerScope) {
        let key = AnswerKey(job: id, scope: scope)
        self.renewed[key] = nil
        self.dropped.insert(key)
        self.updateJob(id) { $0.answers[scope] = nil }
    }

    mutating func updateJob(_ id: JobID, _ body: (inout CachedJob) -> Void) {
        var job = self.jobs.removeValue(forKey: id) ?? CachedJob()
        body(&job)
        let byteCount = job.byteCount
        self.byteCount += byteCount - job.countedByteCount
        job.countedByteCount = byteCount
        self.jobs[id] = job
    }

    /// Changes a revision that is held, in place.
    ///
    /// - Parameter changesFiles: Whether its files may be others afterwards.
    mutating func updateRevision(
        _ id: RevisionID,
        changesFiles: Bool = false,
        _ body: (inout CachedRevision) -> Void
    ) {
        guard let index = self.revisions.index(forKey: id) else { return }
        let fileCount = self.revisions.values[index].files.fileCount
        body(&self.revisions.values[index])
        if changesFiles { self.revisions.values[index].measureFiles() }
        let byteCount = self.revisions.values[index].countedByteCount
        self.byteCount += byteCount - self.revisions.values[index].byteCount
        self.revisions.values[index].byteCount = byteCount
        self.fileCount += self.revisions.values[index].files.fileCount - fileCount
    }
}
