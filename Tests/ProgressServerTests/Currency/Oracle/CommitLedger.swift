/// In which order commits were announced and acknowledged, and calls sent and received.
struct CommitLedger: Sendable {
    /// A point in that order.
    struct Mark: Hashable, Sendable {
        /// Counts the marks: who has the lower one came first.
        var ticket: Int
        /// How many commits had been announced: no other can be visible.
        var announcedCount: Int
        /// How many commits had been acknowledged: each of them must be visible.
        var acknowledgedCount: Int
    }

    /// Transactions about to be committed.
    private(set) var announced: [UInt64] = []
    /// Transactions whose COMMIT returned.
    private(set) var acknowledged: [UInt64] = []
    private var ticketCount = 0

    /// Call before COMMIT is sent.
    mutating func announce(_ xid: UInt64) { self.announced.append(xid) }

    /// Call after COMMIT returned.
    mutating func acknowledge(_ xid: UInt64) { self.acknowledged.append(xid) }

    /// Call before a request is sent, or after its answer was received.
    mutating func mark() -> Mark {
        self.ticketCount += 1
        return Mark(
            ticket: self.ticketCount,
            announcedCount: self.announced.count,
            acknowledgedCount: self.acknowledged.count
        )
    }
}
