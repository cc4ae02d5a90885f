import ProgressChain

/// What was read.
extension ProgressCache {
    /// Takes in the plans of the jobs that were asked for.
    mutating func planned(_ asked: [JobID], _ plans: [JobID: JobPlan]) {
        for id in asked {
            var plan = plans[id]
            plan?.tables.sort(by: JobTable.isBefore)
            let isSame = self.jobs[id].map { $0.plan == plan } ?? false
            if !isSame {
                self.withdrawAnswers(of: id)
                for table in self.jobs[id]?.plan?.tables ?? [] {
                    self.revisions[table.revision]?.jobs.remove(id)
                }
            }
            self.updateJob(id) { [stamp, useCount] job in
                job.plan = plan
                job.planStamp = stamp
                job.lastUse = useCount
            }
        }
    }

    /// Takes in the files that were asked for by number; one that was not found is gone.
    ///
    /// - Parameter keepsGone: A mistake for tests.
    mutating func filesRead(
        _ asked: Set<Int64>,
        _ rows: [FileID: FileRow],
        keepsGone: Bool = false
    ) {
        for id in self.changedRevisions
        where self.revisions[id].map({ !$0.changed.isDisjoint(with: asked) }) ?? true {
            self.updateRevision(id, changesFiles: true) { revision in
                for number in revision.changed.intersection(asked) {
                    let file = FileID(rawValue: number)
                    if let row = rows[file], row.revision == id {
                        revision.files.insert(row)
                    } else if !keepsGone {
                        revision.files.remove(file)
                    }
                    revision.changed.remove(number)
                }
                revision.outcome = nil
            }
            if self.revisions[id]?.changed.isEmpty ?? true { self.changedRevisions.remove(id) }
        }
    }

    /// Takes in which rows the revisions have at this moment.
    ///
    /// - Parameter comparesCounts: A mistake for tests.
    /// - Returns: The files that must be read at the same moment, by revision.
    mutating func versionsRead(
        _ asked: Set<RevisionID>,
        _ versions: [RevisionID: FileVersions],
        comparesCounts: Bool = false
    ) -> [RevisionID: [FileID]] {
        var missing: [RevisionID: [FileID]] = [:]
        for id in asked where self.revisions[id] != nil {
            var wanted: [FileID] = []
            var isSame = true
            self.updateRevision(id, changesFiles: true) { [stamp] revision in
                let count = revision.files.fileCount
                let listed = versions[id] ?? FileVersions()
                if !comparesCounts || listed.count != count {
                    wanted = revision.files.keep(only: listed)
                }
                isSame = wanted.isEmpty && revision.files.fileCount == count
                if !isSame { revision.outcome = nil }
                revision.phase = wanted.isEmpty ? .listed(stamp: stamp) : .lacking
            }
            if !isSame { self.withdrawAnswers(on: id) }
            if 1...Self.missingLimit ~= wanted.count { missing[id] = wanted }
        }
        return missing
    }

    /// Takes in the rows that ``versionsRead(_:_:)`` asked for.
    mutating func missingRead(_ missing: [RevisionID: [FileID]], _ rows: [FileID: FileRow]) {
        for (id, files) in missing {
            self.updateRevision(id, changesFiles: true) { [stamp] revision in
                for file in files {
                    if let row = rows[file], row.revision == id { revision.files.insert(row) }
                }
                revision.phase = .listed(stamp: stamp)
            }
        }
    }

    /// The revisions of a job's last plan that the change log keeps current.
    func trackedRevisions(of job: JobID) -> [RevisionID] {
        (self.jobs[job]?.plan?.tables ?? []).map(\.revision).filter { id in
            self.revisions[id]?.phase == .tracked
        }
    }

    /// The revisions of a job's last plan whose versions can be compared.
    func comparableRevisions(of job: JobID) -> [RevisionID] {
        (self.jobs[job]?.plan?.tables ?? []).map(\.revision).filter { id in
            switch self.revisions[id]?.phase {
            case .unproven, .listed: true
            case .loading, .tracked, .lacking, nil: false
            }
        }
    }

    /// Another session is to read a revision.
    ///
    /// - Returns: What it may start from.
    mutating func loadBegan(_ id: RevisionID) -> RevisionFiles {
        if self.revisions[id] == nil { self.revisions[id] = CachedRevision() }
        var known = RevisionFiles()
        self.updateRevision(id) { [useCount] revision in
            revision.phase = .loading
            revision.changed = []
            revision.isOverrun = false
            revision.lastUse = useCount
            known = revision.files
        }
        self.changedRevisions.remove(id)
        return known
    }

    /// Another session has read a revision, at a moment after ``loadBegan(_:)``.
    mutating func loaded(_ id: RevisionID, _ files: RevisionFiles) {
        guard self.revisions[id]?.phase == .loading else { return }
        self.updateRevision(id, changesFiles: true) { [useCount, currency] revision in
            revision.files = files
            revision.outcome = nil
            revision.lastUse = useCount
            let isTracked = currency == .log && !revision.isOverrun
            revision.phase = isTracked ? .tracked : .unproven
            if !isTracked { revision.changed = [] }
        }
        if self.revisions[id]?.changed.isEmpty == false { self.changedRevisions.insert(id) }
        self.withdrawAnswers(on: id)
    }

    /// Another session could not read a revision: what is held of it is what it was.
    mutating func loadFailed(_ id: RevisionID, isTooLarge: Bool) {
        guard let revision = self.revisions[id], revision.phase == .loading else { return }
        guard !revision.files.isEmpty, !isTooLarge else { return self.drop(id) }
        self.updateRevision(id) { revision in
            revision.phase = .unproven
            revision.changed = []
        }
    }

    /// Forgets a revision, with all answers that rest on it.
    mutating func drop(_ id: RevisionID) {
        self.withdrawAnswers(on: id)
        guard let revision = self.revisions.removeValue(forKey: id) else { return }
        self.changedRevisions.remove(id)
        self.byteCount -= revision.byteCount
        self.fileCount -= revision.files.fileCount
    }

    /// Takes in the files that an earlier life of the server had of a revision.
    mutating func restored(_ id: RevisionID, _ files: RevisionFiles) {
        guard self.revisions[id] == nil else { return }
        self.revisions[id] = CachedRevision(files: files, phase: .unproven)
        self.updateRevision(id) { $0.outcome = nil }
        self.fileCount += files.fileCount
    }
}
