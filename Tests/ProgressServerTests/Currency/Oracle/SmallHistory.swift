/// A history of a few changes, written by hand: each transaction makes one.
struct SmallHistory {
    private(set) var changes: [RecordedChange] = []

    var history: History { History(self.changes) }

    mutating func set(
        _ source: RecordedChange.Source,
        _ key: Int64,
        owner: Int64? = nil,
        _ words: String?...,
        by xid: UInt64
    ) {
        let row = RecordedRow(source: source, key: key, owner: owner, words: words)
        self.append(.present(row), to: source, by: xid)
    }

    mutating func delete(_ source: RecordedChange.Source, _ key: Int64, by xid: UInt64) {
        self.append(.gone(key: key), to: source, by: xid)
    }

    mutating func truncate(_ source: RecordedChange.Source, by xid: UInt64) {
        self.append(.truncated, to: source, by: xid)
    }

    /// A file of ten blocks, which links to the one before.
    mutating func setFile(
        _ id: Int64,
        of revision: Int64,
        place: Int,
        size: Int = 100,
        by xid: UInt64
    ) {
        let hashes = [place, place - 1].map { place in
            let digits = String(place + 1)
            return "0x" + String(repeating: "0", count: 64 - digits.count) + digits
        }
        self.set(
            .files,
            id,
            owner: revision,
            "\(size)",
            "1700000000",
            "\(place * 10)",
            "\(place * 10 + 9)",
            hashes[0],
            hashes[1],
            by: xid
        )
    }

    private mutating func append(
        _ effect: RecordedChange.Effect,
        to source: RecordedChange.Source,
        by xid: UInt64
    ) {
        self.changes.append(
            RecordedChange(
                sequence: Int64(self.changes.count + 1),
                xid: xid,
                source: source,
                effect: effect
            )
        )
    }

    /// Job 1 writes revision 7, the active one of table `blocks` of `eth/main`, by transaction 10.
    static var ofOneJob: Self {
        var history = Self()
        history.set(.jobs, 1, by: 10)
        history.set(.statuses, 1, owner: 1, "running", by: 10)
        history.set(.revisions, 7, owner: 1, by: 10)
        history.set(.tables, 4, owner: 7, "eth", "main", "blocks", "h", by: 10)
        return history
    }
}
