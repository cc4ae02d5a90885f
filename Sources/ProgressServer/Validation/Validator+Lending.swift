import ProgressPostgres
import Synchronization

/// Rounds on the thread of an event loop.
extension Validator {
    /// Answers what waits, if it takes one short look and nothing else.
    ///
    /// Blocks for at most ``RoundTrip/patience``.
    ///
    /// - Returns: Whether it did; else what is left waits for the validator's own thread.
    mutating func lentRound() -> Bool {
        let start = ContinuousClock.now
        let hadWatchers = !self.watchers.isEmpty
        guard let connection = self.connection, connection.isUsable, self.lookUnderWay == nil,
            let look = self.nextLook, connection.hasPrepared(look), start < self.nextLookAround,
            self.watchers.isEmpty || start < self.nextWatch,
            !self.context.configuration.faults.contains(.joinsRunningRound)
        else { return false }
        self.context.inbox.withLock { $0.takeRequests(into: &self.active) }
        defer {
            self.postponed += self.active
            self.active.removeAll(keepingCapacity: self.active.capacity <= Self.keptCapacity)
        }
        do throws(PostgresError) {
            guard try self.look(look, connection, start: start) else { return false }
        } catch {
            // The thread's own round will meet it again, and knows what to do.
            return false
        }
        self.cache.roundBegan()
        self.counts.roundCount += 1
        self.counts.validatedCount += UInt64(self.active.count)
        self.nameMoment()
        self.settle()
        // What is held did not grow: the books can wait for the thread's next round.
        self.publish(start: start)
        self.roundStart = start
        // The thread rests on a deadline that knows nothing of those who wait for a change since now.
        return self.active.isEmpty && (hadWatchers || self.watchers.isEmpty)
    }

    /// Most requests for which an array keeps its room from one round to the next.
    private static let keptCapacity = 1_024

    /// - Returns: Whether what is held is of this moment now.
    private mutating func look(
        _ look: Look,
        _ connection: PostgresConnection,
        start: ContinuousClock.Instant
    ) throws(PostgresError) -> Bool {
        try connection.send(look)
        guard try connection.awaitSingle(until: start.advanced(by: RoundTrip.patience)) else {
            self.lookUnderWay = look
            self.roundTrip.took(.milliseconds(1))
            self.sayWhetherLendable()
            return false
        }
        var taken = self.taken
        let reading = try connection.receive(
            look,
            taken: &taken,
            isStandby: self.isStandby,
            limit: .after(.seconds(1))
        )
        self.roundTrip.took(start.duration(to: .now))
        // Triggers that were changed take more than a look.
        if let epoch = reading.epoch, epoch != self.epoch { return false }
        self.taken = taken
        return try self.tookIn(reading, of: look, connection)
    }

    /// Tells the event loops whether they may make rounds.
    mutating func sayWhetherLendable() {
        let isLendable = self.roundTrip.isShort
        self.context.inbox.withLock { $0.isLendable = isLendable }
    }
}
