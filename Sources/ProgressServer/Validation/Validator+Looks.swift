import ProgressPostgres
import Synchronization

/// Learning what moved.
extension Validator {
    /// How long a look may take.
    var lookLimit: WaitLimit { self.limit(self.context.configuration.roundTimeout) }

    /// Learns what moved since the last round.
    mutating func advance(
        _ connection: PostgresConnection,
        start: ContinuousClock.Instant
    ) throws(ReadFailure) {
        do throws(PostgresError) {
            if self.joinsEarlierRound(start) { return }
            try self.look(connection, start: start)
        } catch {
            let failure = ReadFailure(.moment, error)
            if failure.remedy == .giveUp, error.state != .lockNotAvailable {
                // The database is not what the session was told: the next one finds out what it is.
                self.connection = nil
            }
            throw failure
        }
    }

    private mutating func look(
        _ connection: PostgresConnection,
        start: ContinuousClock.Instant
    ) throws(PostgresError) {
        let configuration = self.context.configuration
        if self.roundStart.duration(to: start) > configuration.logHorizon {
            self.cache.distrust()
            self.flushed("no round for longer than the change log is kept")
        }
        let looksAround = self.nextLookAround <= start
        if looksAround { self.nextLookAround = start.advanced(by: configuration.idleInterval) }
        try self.drain(connection)
        if looksAround { try self.lookAround(connection) }
        while let look = self.nextLook {
            let asked = ContinuousClock.now
            let reading: MomentReading
            do throws(PostgresError) {
                reading = try connection.look(
                    look,
                    taken: &self.taken,
                    isStandby: self.isStandby,
                    names: self.context.loaders.networkNames,
                    limit: self.lookLimit
                )
            } catch  where look.readsFiles && error.kind == .statementFailed {
                self.filesUnreadable()
                continue
            }
            self.roundTrip.took(asked.duration(to: .now))
            if try self.tookIn(reading, of: look, connection) { return }
        }
        throw Self.momentMissing
    }

    /// The look that comes next; `nil` before there is a moment to look back to.
    var nextLook: Look? {
        guard let snapshot = self.snapshot else { return nil }
        guard let log = self.log,
            self.isMoveKnown || self.forecast.expectsMove(after: self.pause)
        else { return .snapshot }
        return .changes(since: self.seeded(snapshot), log, filesOf: self.wantedRevisions())
    }

    /// Somebody has the files locked, or one of them cannot be read: the next looks do without them.
    private mutating func filesUnreadable() {
        self.nextFileLook = .now.advanced(by: self.context.configuration.idleInterval)
    }

    /// Most revisions whose changed files a look reads.
    private static let wantedRevisionLimit = 64

    /// The revisions whose changed files are most likely needed next: those of the jobs that are asked
    /// for, and of those that somebody waits for.
    private func wantedRevisions() -> [RevisionID] {
        // A standby's looks show much of the log again and again.
        guard !self.isStandby, self.nextFileLook <= .now else { return [] }
        var wanted: [RevisionID] = []
        var last: JobID?
        let watched = self.watchers.jobs.prefix(Self.wantedRevisionLimit)
        for job in self.active.flatMap(\.request.jobs) + watched where job != last {
            last = job
            for id in self.cache.trackedRevisions(of: job) where !wanted.contains(id) {
                guard wanted.count < Self.wantedRevisionLimit else { return wanted }
                wanted.append(id)
            }
        }
        return wanted
    }

    /// There is no moment to answer from: never an answer in its place.
    static var momentMissing: PostgresError {
        PostgresError(.connectionLost, "the session has no moment to look back to")
    }

    /// Takes in what a look told.
    ///
    /// - Returns: Whether what is held is of that moment now; else another look must tell what moved.
    mutating func tookIn(
        _ reading: MomentReading,
        of look: Look,
        _ connection: PostgresConnection
    ) throws(PostgresError) -> Bool {
        guard let now = reading.snapshot, let before = self.snapshot else {
            throw Self.momentMissing
        }
        let isQuiet = now.provesNoChange(since: before)
        if !self.isMoveKnown { self.forecast.found(hasMoved: !isQuiet, after: self.pause) }
        self.isMoveKnown = false
        guard look == .snapshot else {
            try self.apply(reading, of: look, connection)
            return true
        }
        guard !isQuiet else { return true }
        guard self.cache.currency == .scan else {
            self.isMoveKnown = true
            return false
        }
        self.cache.momentMoved()
        self.moved(to: now)
        return true
    }

    /// Takes in what the log told.
    private mutating func apply(
        _ reading: MomentReading,
        of look: Look,
        _ connection: PostgresConnection
    ) throws(PostgresError) {
        guard let snapshot = reading.snapshot else { return }
        guard reading.isLogWhole != false else {
            self.flushed("change tracking was altered, or its log was pruned too soon")
            // Before what may fail: nothing that is held may be given until it is proven again.
            self.cache.distrust()
            self.snapshot = nil
            return try self.lookAtTracking(connection, limit: self.lookLimit)
        }
        self.cache.apply(self.seeded(reading.changes))
        let files = look.files(of: reading.changes)
        if !files.isEmpty {
            self.counts.rowCount += UInt64(reading.files.count)
            self.cache.filesRead(files, reading.files, keepsGone: self.keepsGone)
        }
        self.moved(to: snapshot)
    }

    /// Receives what a look that was lent to an event loop left behind.
    private mutating func drain(_ connection: PostgresConnection) throws(PostgresError) {
        guard let look = self.lookUnderWay else { return }
        self.lookUnderWay = nil
        // It was sent before those who wait now had come: it tells them nothing, and is not missed.
        var taken = self.taken
        do throws(PostgresError) {
            _ = try connection.receive(
                look,
                taken: &taken,
                isStandby: self.isStandby,
                names: self.context.loaders.networkNames,
                limit: self.lookLimit
            )
        } catch  where look.readsFiles && error.kind == .statementFailed {
            self.filesUnreadable()
        }
    }
}

/// Mistakes that tests make on purpose.
extension Validator {
    /// Whether the round does without a look, as there was one a moment ago.
    private mutating func joinsEarlierRound(_ start: ContinuousClock.Instant) -> Bool {
        guard self.context.configuration.faults.contains(.joinsRunningRound) else { return false }
        guard self.snapshot != nil, self.seededLook.duration(to: start) < .milliseconds(3) else {
            self.seededLook = start
            return false
        }
        return true
    }

    /// The snapshot to read the log from, without what was in progress.
    func seeded(_ snapshot: Snapshot) -> Snapshot {
        guard self.context.configuration.faults.contains(.dropsInProgress) else { return snapshot }
        var snapshot = snapshot
        snapshot.inProgress = []
        return snapshot
    }

    /// The changes, some left out.
    func seeded(_ changes: [LogChange]) -> [LogChange] {
        let faults = self.context.configuration.faults
        guard !faults.isEmpty else { return changes }
        return changes.filter { change in
            switch change {
            case .job: !faults.contains(.ignoresJobs)
            case .plans: !faults.contains(.ignoresPlans)
            case .files, .allFiles, .everything: true
            }
        }
    }

    /// Whether files that are gone stay in the chain.
    var keepsGone: Bool { self.context.configuration.faults.contains(.ignoresDeletes) }
}
