/// What a finished ledger says about a snapshot.
struct CommitTimeline: Sendable {
    /// Most concurrent commits whose every combination is tried.
    static let concurrentCommitLimit = 8

    private let announced: [UInt64]
    private let acknowledgedIndexes: [UInt64: Int]
    /// The highest of the first so many acknowledged; 0 for none.
    private let highestAcknowledged: [UInt64]
    /// Where in ``announced`` the first lies that is not among the first so many acknowledged.
    private let firstOpen: [Int]
    /// The lowest of those announced from a place on; behind the last, the highest number.
    private let lowestAnnounced: [UInt64]

    init(_ ledger: CommitLedger) {
        let announced = ledger.announced
        // What was never acknowledged, such as on a lost session, comes behind everything else.
        let open = Set(announced).subtracting(ledger.acknowledged).sorted()
        let acknowledged = ledger.acknowledged + open
        var highest: [UInt64] = [0]
        for xid in acknowledged { highest.append(max(highest[highest.count - 1], xid)) }
        var places: [UInt64: Int] = [:]
        for (place, xid) in announced.enumerated() { places[xid] = place }
        var first = [announced.count]
        for xid in acknowledged.reversed() {
            first.append(min(first[first.count - 1], places[xid] ?? announced.count))
        }
        var lowest = [UInt64.max]
        for xid in announced.reversed() { lowest.append(min(lowest[lowest.count - 1], xid)) }
        self.announced = announced
        self.lowestAnnounced = lowest.reversed()
        self.acknowledgedIndexes = Dictionary(
            acknowledged.enumerated().map { ($1, $0) },
            uniquingKeysWith: { first, _ in first }
        )
        self.highestAcknowledged = highest
        self.firstOpen = first.reversed()
    }

    /// A transaction acknowledged before `sent` that a snapshot does not see; `nil` if it sees all.
    func missing(in snapshot: ReadSnapshot, since sent: CommitLedger.Mark) -> UInt64? {
        let highest = self.highestAcknowledged[sent.acknowledgedCount]
        guard highest < snapshot.xmax else { return highest }
        return snapshot.running.first { self.isAcknowledged($0, at: sent) }
    }

    /// Snapshots of every state that one job may have had between two marks.
    ///
    /// - Parameter concernsJob: Whether a transaction may have changed the job.
    /// - Returns: `nil` if they are too many to try.
    func moments(
        from sent: CommitLedger.Mark,
        to received: CommitLedger.Mark,
        concernsJob: (UInt64) -> Bool
    ) -> [ReadSnapshot]? {
        let first = self.firstOpen[sent.acknowledgedCount]
        let possible = self.open(in: first..<max(first, received.announcedCount), at: sent)
            .filter(concernsJob)
        guard possible.count <= Self.concurrentCommitLimit else { return nil }
        let highest = self.highestAcknowledged[sent.acknowledgedCount]
        // Whoever lies behind and began before the end of the call must not be seen either.
        let limit = 1 + max(highest, possible.max() ?? 0)
        let end = self.lowestAnnounced[first...].firstIndex { $0 >= limit } ?? first
        let notYet = self.open(in: first..<end, at: sent)
        return (0..<(1 << possible.count)).map { choice in
            let seen = possible.enumerated().filter { choice >> $0.offset & 1 == 1 }.map(\.element)
            let xmax = 1 + max(highest, seen.max() ?? 0)
            return ReadSnapshot(
                xmax: xmax,
                running: Set(notYet.filter { $0 < xmax }).subtracting(seen)
            )
        }
    }

    /// Those announced in `places` that were not acknowledged.
    private func open(in places: Range<Int>, at mark: CommitLedger.Mark) -> [UInt64] {
        self.announced[places].filter { !self.isAcknowledged($0, at: mark) }
    }

    private func isAcknowledged(_ xid: UInt64, at mark: CommitLedger.Mark) -> Bool {
        self.acknowledgedIndexes[xid].map { $0 < mark.acknowledgedCount } ?? false
    }
}
