import ProgressChain
import ProgressPostgres
import Synchronization

/// One round: learn what moved, then answer what can be answered.
extension Validator {
    /// Most jobs whose plans are read in one moment.
    private static let planLimit = 256
    /// Most times that a moment is asked for more.
    private static let stepLimit = 8
    /// When a lock of somebody else's is looked at again.
    private static let blockedInterval = Duration.milliseconds(20)

    /// Answers what is due, of a moment after this call.
    mutating func round(_ due: [Waiting]) {
        self.active = due
        for attempt in 1...2 {
            guard let connection = self.connection else { break }
            self.active.removeAll { $0.request.isComplete }
            do throws(ReadFailure) {
                return try self.roundOnce(connection)
            } catch {
                self.recover(connection, from: error)
                // A PostgreSQL that does not answer is not asked twice.
                guard error.cause.kind != .deadlineExceeded, error.cause.kind != .cancelled,
                    self.isConnected()
                else { break }
                guard attempt == 2 || error.remedy == .giveUp else { continue }
                self.context.observe(.readFailed("the moment", error))
                for waiting in self.active { waiting.request.fail(error.storeError) }
                self.active = []
                return
            }
        }
        // The next session takes them up, or they are told why there is none.
        self.carried += self.active
        self.active = []
        self.sessionLost()
    }

    private mutating func roundOnce(_ connection: PostgresConnection) throws(ReadFailure) {
        let start = ContinuousClock.now
        self.cache.roundBegan()
        self.counts.roundCount += 1
        self.counts.validatedCount += UInt64(self.active.count)
        try self.advance(connection, start: start)
        self.nameMoment()
        if self.context.configuration.faults.contains(.joinsRunningRound) {
            var joining: [Waiting] = []
            self.context.inbox.withLock { $0.takeRequests(into: &joining) }
            self.active += joining
        }
        self.takeWatchers(at: start)
        self.settle()
        let isInTransaction = try self.completeMoment(connection)
        self.publish(start: start)
        self.makeRoom()
        self.publishStatistics()
        // After the round's looks: the moment that the archive names is no earlier than its files'.
        self.archiveIfDue()
        let open = self.active
        self.active = []
        for waiting in open { self.park(waiting) }
        self.roundStart = start
        self.sayWhetherLendable()
        guard isInTransaction else { return }
        // After the answers have left: nobody waits for it.
        do throws(PostgresError) {
            try connection.run([Query(Statements.commit)], limit: self.dataLimit) { _, _ in }
        } catch {
            self.recover(connection, from: ReadFailure(.moment, error))
        }
    }

    /// Takes up those who wait for a change, if there may have been one for them.
    private mutating func takeWatchers(at now: ContinuousClock.Instant) {
        guard !self.watchers.isEmpty else {
            // Who comes to wait has just been compared with the present moment.
            self.watchedJobs = []
            self.watchedStamp = self.cache.stamp
            return
        }
        self.watchedJobs.formUnion(self.cache.withdrawn.lazy.map(\.job))
        guard self.nextWatch <= now else { return }
        self.nextWatch = now.advanced(by: self.context.configuration.watchInterval)
        self.active +=
            self.watchedStamp == self.cache.stamp
            ? self.watchers.take(self.watchedJobs) : self.watchers.takeAll()
        self.watchedStamp = self.cache.stamp
        self.watchedJobs = []
    }

    private var dataLimit: WaitLimit { self.limit(self.context.configuration.statementTimeout) }

    /// Learns what moved since the last round.
    private mutating func advance(
        _ connection: PostgresConnection,
        start: ContinuousClock.Instant
    ) throws(ReadFailure) {
        let configuration = self.context.configuration
        let limit = self.limit(configuration.roundTimeout)
        do throws(PostgresError) {
            if self.roundStart.duration(to: start) > configuration.logHorizon {
                self.cache.distrust()
                self.flushed("no round for longer than the change log is kept")
            }
            try self.drain(connection, limit: limit)
            if self.nextLookAround <= start {
                self.nextLookAround = start.advanced(by: configuration.idleInterval)
                try self.lookAround(connection)
            }
            while let look = self.nextLook {
                let asked = ContinuousClock.now
                let reading = try connection.look(
                    look,
                    taken: &self.taken,
                    isStandby: self.isStandby,
                    limit: limit
                )
                self.roundTrip.took(asked.duration(to: .now))
                if try self.tookIn(reading, of: look, connection) { return }
            }
            throw Self.momentMissing
        } catch {
            throw ReadFailure(.moment, error)
        }
    }

    /// The look that comes next; `nil` before there is a moment to look back to.
    var nextLook: Look? {
        guard let snapshot = self.snapshot else { return nil }
        guard let changes = self.changes, !self.expectsQuiet else { return .snapshot }
        return .changes(since: self.seeded(snapshot), changes)
    }

    /// There is no moment to answer from: never an answer in its place.
    private static var momentMissing: PostgresError {
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
        self.expectsQuiet = isQuiet
        guard look == .snapshot else {
            try self.apply(reading, connection)
            return true
        }
        guard !isQuiet else { return true }
        guard self.cache.currency == .scan else { return false }
        self.cache.momentMoved()
        self.moved(to: now)
        return true
    }

    /// Receives what a look that was lent to an event loop left behind.
    private mutating func drain(
        _ connection: PostgresConnection,
        limit: WaitLimit
    ) throws(PostgresError) {
        guard let look = self.lookUnderWay else { return }
        self.lookUnderWay = nil
        // It was sent before those who wait now had come: it tells them nothing, and is not missed.
        var taken = self.taken
        _ = try connection.receive(
            look,
            taken: &taken,
            isStandby: self.isStandby,
            limit: limit
        )
    }

    /// Takes in what the log told.
    private mutating func apply(
        _ reading: MomentReading,
        _ connection: PostgresConnection
    ) throws(PostgresError) {
        guard let snapshot = reading.snapshot else { return }
        if let epoch = reading.epoch, epoch != self.epoch {
            self.flushed(
                "the triggers of change tracking were changed, or its log was pruned too soon"
            )
            // Before what may fail: nothing that is held may be given until it is proven again.
            self.cache.distrust()
            self.snapshot = nil
            do throws(PostgresError) {
                return try self.lookAtTracking(connection, limit: self.dataLimit)
            } catch {
                // Without a moment the session tells nothing; the next one starts from the beginning.
                self.connection = nil
                throw error
            }
        }
        self.cache.apply(self.seeded(reading.changes))
        self.moved(to: snapshot)
    }

    /// The changes; a test's mistakes leave some out.
    private func seeded(_ changes: [LogChange]) -> [LogChange] {
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

    /// Answers those of which nothing is missing; the others stay, each with what it lacks.
    mutating func settle() {
        var active: [Waiting] = []
        swap(&active, &self.active)
        // In place, so that the array serves again.
        var openCount = 0
        for index in active.indices where !self.settle(&active[index]) {
            active.swapAt(openCount, index)
            openCount += 1
        }
        active.removeLast(active.count - openCount)
        swap(&active, &self.active)
    }

    /// Reads what is missing in one moment, as far as this session reads it.
    ///
    /// - Returns: Whether a transaction is open.
    private mutating func completeMoment(
        _ connection: PostgresConnection
    ) throws(ReadFailure) -> Bool {
        var isInTransaction = false
        for _ in 0..<Self.stepLimit {
            let wants = self.wants()
            guard !wants.isEmpty else { break }
            do throws(ReadFailure) {
                try self.read(wants, connection, begins: !isInTransaction)
            } catch {
                guard error.cause.state == .lockNotAvailable else { throw error }
                self.recover(connection, from: error)
                let again = ContinuousClock.now.advanced(by: Self.blockedInterval)
                for var waiting in self.active where !waiting.lack.isReadElsewhere {
                    waiting.notBefore = again
                    self.postponed.append(waiting)
                }
                self.active.removeAll { !$0.lack.isReadElsewhere }
                return false
            }
            isInTransaction = true
            self.settle()
        }
        return isInTransaction
    }

    /// What the session is to read for them next.
    private func wants() -> Lack {
        var wants = Lack()
        for lack in self.active.lazy.map(\.lack) {
            if wants.plans.count < Self.planLimit { wants.plans.formUnion(lack.plans) }
            wants.files.formUnion(lack.files)
            wants.versions.formUnion(lack.versions)
        }
        if wants.plans.count > Self.planLimit {
            wants.plans = Set(
                wants.plans.sorted { $0.rawValue < $1.rawValue }.prefix(Self.planLimit)
            )
        }
        // What a plan had before it most likely still has.
        if self.cache.currency == .scan {
            for job in wants.plans {
                wants.versions.formUnion(self.cache.comparableRevisions(of: job))
            }
        }
        return wants
    }

    private mutating func read(
        _ wants: Lack,
        _ connection: PostgresConnection,
        begins: Bool
    ) throws(ReadFailure) {
        var queries: [MomentQuery] = []
        if begins {
            queries.append(.begin(isPatient: false))
            if let changes = self.changes, let snapshot = self.snapshot {
                queries.append(.look(.changes(since: self.seeded(snapshot), changes)))
            } else {
                queries.append(.look(.snapshot))
            }
        }
        let plans = wants.plans.sorted { $0.rawValue < $1.rawValue }
        let revisions = wants.versions.sorted()
        if !plans.isEmpty { queries.append(.plans(plans)) }
        if !wants.files.isEmpty {
            queries.append(.files(wants.files.sorted().map(FileID.init(rawValue:))))
        }
        if !revisions.isEmpty { queries.append(.versions(revisions)) }
        let reading = try self.read(queries, connection)
        if begins {
            try self.enterMoment(reading, connection)
        }
        self.cache.planned(plans, reading.plans)
        self.counts.rowCount += UInt64(reading.files.count)
        self.cache.filesRead(wants.files, reading.files, keepsGone: self.keepsGone)
        let missing = self.cache.versionsRead(
            wants.versions,
            reading.versions,
            comparesCounts: self.context.configuration.faults.contains(.comparesCounts)
        )
        guard !missing.isEmpty else { return }
        let rows = try self.read([.files(missing.values.flatMap { $0 })], connection)
        self.counts.rowCount += UInt64(rows.files.count)
        self.cache.missingRead(missing, rows.files)
    }

    private var keepsGone: Bool { self.context.configuration.faults.contains(.ignoresDeletes) }

    /// The transaction's moment may be later than the round's first.
    private mutating func enterMoment(
        _ reading: MomentReading,
        _ connection: PostgresConnection
    ) throws(ReadFailure) {
        guard let snapshot = reading.snapshot, let before = self.snapshot else {
            throw ReadFailure(.moment, Self.momentMissing)
        }
        switch self.cache.currency {
        case .log:
            if let epoch = reading.epoch, epoch != self.epoch {
                // The next attempt finds it before it reads anything.
                throw ReadFailure(
                    .moment,
                    PostgresError(.statementFailed, "the triggers changed", state: .queryCanceled)
                )
            }
            self.cache.apply(self.seeded(reading.changes))
        case .scan:
            if !snapshot.provesNoChange(since: before) { self.cache.momentMoved() }
        }
        self.moved(to: snapshot)
        self.nameMoment()
    }

    private mutating func read(
        _ queries: [MomentQuery],
        _ connection: PostgresConnection
    ) throws(ReadFailure) -> MomentReading {
        var reading = MomentReading()
        try connection.read(
            queries,
            into: &reading,
            taken: &self.taken,
            isStandby: self.isStandby,
            names: self.context.loaders.networkNames,
            limit: self.dataLimit
        )
        return reading
    }

    /// Brings the session back to where a round can start, or drops it.
    private mutating func recover(_ connection: PostgresConnection, from failure: ReadFailure) {
        do throws(PostgresError) {
            guard connection.isUsable, failure.remedy != .detectAgain,
                failure.remedy != .reconnect
            else { throw failure.cause }
            let limit = WaitLimit.after(.seconds(1))
            if connection.isInTransaction { try connection.rollBack(limit: limit) }
            if failure.remedy == .prepareAgain { try connection.deallocateStatements(limit: limit) }
        } catch {
            self.connection = nil
        }
    }

    /// Tells those who do not mind an answer's age what stood in this round.
    mutating func publish(start: ContinuousClock.Instant) {
        let news = self.cache.takeNews()
        if !self.watchers.isEmpty { self.watchedJobs.formUnion(news.withdrawn.lazy.map(\.job)) }
        self.context.recent.roundEnded(
            stamp: self.cache.stamp,
            start: start,
            moment: self.moment,
            news: news
        )
    }

    /// Encodes the moment's name, with the time for people.
    mutating func nameMoment() {
        guard let snapshot = self.snapshot else { return }
        self.lastReply = nil
        if self.serverEpoch == 0 { self.serverEpoch = self.context.serverEpoch() }
        self.moment = ReplyEncoding.moment(snapshot, epoch: self.serverEpoch)
    }
}
