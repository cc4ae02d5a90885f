import ProgressPostgres
import Synchronization

/// Rounds on the thread of an event loop.
extension Validator {
    /// Answers what waits, if it takes two short looks and nothing else.
    ///
    /// Blocks for about ``RoundTrip/patience`` twice at most.
    ///
    /// - Returns: Whether it did; else what is left waits for the validator's own thread.
    mutating func lentRound() -> Bool {
        let start = ContinuousClock.now
        let hadWatchers = !self.watchers.isEmpty
        guard let connection = self.connection, connection.isUsable, self.lookUnderWay == nil,
            start < self.nextLookAround, self.watchers.isEmpty || start < self.nextWatch,
            !self.context.configuration.faults.contains(.joinsRunningRound)
        else { return false }
        self.pause = self.roundEnd.duration(to: start)
        self.context.inbox.withLock { $0.takeRequests(into: &self.active) }
        defer {
            self.postponed += self.active
            self.active.removeAll(keepingCapacity: self.active.capacity <= Self.keptCapacity)
        }
        do throws(PostgresError) {
            guard try self.lentLooks(connection) else { return false }
        } catch {
            // The thread's own round will meet it again, and knows what to do.
            return false
        }
        self.cache.roundBegan()
        self.counts.roundCount += 1
        self.counts.validatedCount += UInt64(self.active.count)
        self.nameMoment()
        // What is held hardly grew: the books can wait for the thread's next round.
        self.settle(start)
        self.roundStart = start
        self.roundEnd = .now
        // The thread rests on a deadline that knows nothing of those who wait for a change since now.
        return self.active.isEmpty && (hadWatchers || self.watchers.isEmpty)
    }

    /// Most requests for which an array keeps its room from one round to the next.
    static let keptCapacity = 1_024

    /// Learns whether something moved, and what.
    ///
    /// - Returns: Whether what is held is of this moment now.
    private mutating func lentLooks(_ connection: PostgresConnection) throws(PostgresError) -> Bool
    {
        for _ in 1...2 {
            guard let look = self.nextLook, connection.hasPrepared(look),
                let reading = try self.lentReading(of: look, connection)
            else { return false }
            if try self.tookIn(reading, of: look, connection) { return true }
        }
        return false
    }

    /// - Returns: What the look told; `nil` if it does not come soon, or tells what takes more than looks.
    private mutating func lentReading(
        of look: Look,
        _ connection: PostgresConnection
    ) throws(PostgresError) -> MomentReading? {
        let start = ContinuousClock.now
        try connection.send(look)
        guard try connection.awaitSingle(until: start.advanced(by: RoundTrip.patience)) else {
            self.lookUnderWay = look
            self.roundTrip.took(.milliseconds(1))
            self.sayWhetherLendable()
            return nil
        }
        // The rows are there; what ends them was sent with them. The thread's signals are not for here.
        var limit = WaitLimit.after(.seconds(1))
        limit.ignoresWakeUp = true
        var taken = self.taken
        let reading = try connection.receive(
            look,
            taken: &taken,
            isStandby: self.isStandby,
            names: self.context.loaders.networkNames,
            limit: limit
        )
        self.roundTrip.took(start.duration(to: .now))
        guard reading.isLogWhole != false else { return nil }
        self.taken = taken
        return reading
    }

    /// Tells the event loops whether they may make rounds.
    mutating func sayWhetherLendable() {
        let isLendable = self.roundTrip.isShort
        self.context.inbox.withLock { $0.isLendable = isLendable }
    }
}
