import ProgressPostgres
import Synchronization

/// One round: learn what moved, then answer what can be answered.
extension Validator {
    /// Answers what is due, of a moment after this call.
    mutating func round(_ due: [Waiting]) {
        self.active = due
        self.lastAttempt = .now
        for attempt in 1...2 {
            guard let connection = self.connection else { break }
            self.active.removeAll { $0.request.isComplete }
            let start = ContinuousClock.now
            do throws(ReadFailure) {
                return try self.roundOnce(connection)
            } catch {
                self.recover(connection, from: error)
                if error.remedy == .detectAgain { self.countDetection(error) }
                // A PostgreSQL that does not answer is not asked twice.
                guard error.cause.kind != .deadlineExceeded, error.cause.kind != .cancelled,
                    self.isConnected()
                else { break }
                let isBlocked = error.cause.state == .lockNotAvailable
                if attempt == 1, isBlocked || self.mayAskAgain(after: error, since: start) {
                    continue
                }
                return isBlocked ? self.postponeActive() : self.failReading(error)
            }
        }
        // The next session takes them up, or they are told why there is none.
        self.carried += self.active
        self.active = []
        self.sessionLost()
    }

    /// The tables are not as the session knows them; if the next ones found the same, no session helps.
    private mutating func countDetection(_ failure: ReadFailure) {
        for index in self.active.indices { self.active[index].detectionCount += 1 }
        let hopeless = self.active.filter { $0.detectionCount > Waiting.detectionLimit }
        guard !hopeless.isEmpty else { return }
        self.context.observe(.readFailed("the moment", failure))
        for waiting in hopeless { waiting.request.fail(failure.storeError) }
        self.active.removeAll { $0.request.isComplete }
    }

    /// PostgreSQL has one code for statements that others cancel and for those that take too long; to
    /// ask the latter again would double the load on a server that is slow.
    private func mayAskAgain(
        after failure: ReadFailure,
        since start: ContinuousClock.Instant
    ) -> Bool {
        let tookTooLong =
            failure.cause.state == .queryCanceled
            && start.duration(to: .now) >= self.context.configuration.statementTimeout
        return failure.remedy != .giveUp && !tookTooLong
    }

    /// Fails the request whose rows cannot be read.
    ///
    /// If the reading was for several, each is read for by itself for a while, so that one fails alone.
    private mutating func failReading(_ failure: ReadFailure) {
        self.context.observe(.readFailed("the moment", failure))
        let readers = self.active.indices.filter { !self.active[$0].lack.isReadElsewhere }
        if readers.count == 1 || self.nextSharedReading > .now, let first = readers.first {
            self.active.remove(at: first).request.fail(failure.storeError)
        }
        self.nextSharedReading = .now.advanced(by: Self.separateInterval)
        self.postponed += self.active
        self.active = []
    }

    /// How long requests are read for one by one.
    private static let separateInterval = Duration.seconds(1)

    /// Somebody has a lock: another time.
    private mutating func postponeActive() {
        let again = ContinuousClock.now.advanced(by: Self.blockedInterval)
        for var waiting in self.active {
            waiting.notBefore = again
            self.postponed.append(waiting)
        }
        self.active = []
    }

    /// When a lock of somebody else's is looked at again.
    static let blockedInterval = Duration.milliseconds(20)

    private mutating func roundOnce(_ connection: PostgresConnection) throws(ReadFailure) {
        let start = ContinuousClock.now
        self.pause = self.roundEnd.duration(to: start)
        self.cache.roundBegan()
        self.counts.roundCount += 1
        self.counts.validatedCount += UInt64(self.active.count)
        try self.advance(connection, start: start)
        self.nameMoment()
        self.takeWatchers(at: start)
        self.settle(start)
        let isInTransaction = try self.completeMoment(connection, start)
        self.makeRoom()
        // After the round's looks: the moment that the archive names is no earlier than its files'.
        self.archiveIfDue()
        let open = self.active
        self.active = []
        for waiting in open { self.park(waiting) }
        self.roundStart = start
        self.roundEnd = .now
        self.sayWhetherLendable()
        guard isInTransaction else { return }
        // After the answers have left: nobody waits for it.
        do throws(PostgresError) {
            try connection.run([Query(Statements.commit)], limit: self.lookLimit) { _, _ in }
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

    /// Answers those of which nothing is missing; the others stay, each with what it lacks.
    ///
    /// - Parameter start: When the round began.
    mutating func settle(_ start: ContinuousClock.Instant) {
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
        self.sendReplies(start)
    }

    /// Brings the session back to where a round can start, or drops it.
    mutating func recover(_ connection: PostgresConnection, from failure: ReadFailure) {
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
