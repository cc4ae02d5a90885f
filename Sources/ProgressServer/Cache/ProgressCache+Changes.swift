/// What moved.
extension ProgressCache {
    /// Takes in what the change log told, up to the next moment.
    mutating func apply(_ changes: [LogChange]) {
        for change in changes {
            switch change {
            case .files(let id, let files): self.filesChanged(id, files)
            case .allFiles(let id): self.filesChanged(id, nil)
            case .job(let number):
                guard let id = JobID(rawValue: number), self.jobs[id] != nil else { continue }
                self.withdrawAnswers(of: id)
                self.jobs[id]?.planStamp = 0
            case .plans: self.stamp += 1
            case .everything: self.distrust()
            }
        }
    }

    /// Something in the database moved, and nothing tells what.
    mutating func momentMoved() { self.stamp += 1 }

    /// From here on what is held is kept current in this way; nothing is until it is proven again.
    mutating func keepCurrent(by currency: Currency) {
        self.currency = currency
        self.distrust()
    }

    /// Nothing that is held is known to be current any more, but all of it was right once.
    ///
    /// - Parameter forgetsLoads: Whether what other sessions read will not be taken in.
    mutating func distrust(forgetsLoads: Bool = false) {
        self.stamp += 1
        self.changedRevisions = []
        for id in self.revisions.keys {
            self.updateRevision(id) { revision in
                revision.isOverrun = true
                if revision.phase != .loading || forgetsLoads { revision.phase = .unproven }
                revision.changed = []
            }
        }
        for id in self.jobs.keys { self.withdrawAnswers(of: id) }
    }

    /// Forgets everything: it is of another life of the database, or of another database.
    mutating func dropEverything() {
        for id in self.jobs.keys { self.withdrawAnswers(of: id) }
        self.stamp += 1
        self.jobs = [:]
        self.revisions = [:]
        self.changedRevisions = []
        self.byteCount = 0
        self.fileCount = 0
    }

    /// What became of answers since this was last asked.
    mutating func takeNews() -> AnswerNews {
        defer {
            self.withdrawn.removeAll(keepingCapacity: true)
            self.dropped.removeAll(keepingCapacity: true)
            self.renewed.removeAll(keepingCapacity: true)
        }
        return AnswerNews(withdrawn: self.withdrawn, dropped: self.dropped, renewed: self.renewed)
    }

    mutating func filesChanged(_ id: RevisionID, _ files: [Int64]?) {
        guard let phase = self.revisions[id]?.phase else { return }
        self.withdrawAnswers(on: id)
        self.updateRevision(id) { revision in
            revision.outcome = nil
            revision.changed.formUnion(files ?? [])
            guard files == nil || revision.changed.count > CachedRevision.changedLimit else {
                return
            }
            revision.changed = []
            revision.isOverrun = true
            if phase == .tracked { revision.phase = .unproven }
        }
        let revision = self.revisions[id]
        if revision?.phase == .tracked, revision?.changed.isEmpty == false {
            self.changedRevisions.insert(id)
        } else {
            self.changedRevisions.remove(id)
        }
    }
}
