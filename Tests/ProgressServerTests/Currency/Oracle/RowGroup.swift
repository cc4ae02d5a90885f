/// The history of rows that one part of an answer is computed from.
struct RowGroup: Sendable {
    private struct Version: Sendable {
        var sequence: Int64
        var xid: UInt64
        /// `nil`: gone.
        var row: RecordedRow?
    }

    private struct Truncation: Sendable {
        var sequence: Int64
        var xid: UInt64
        var source: RecordedChange.Source
    }

    private struct RowName: Hashable {
        var source: RecordedChange.Source
        var key: Int64
    }

    /// Oldest version first.
    private var rows: [[Version]] = []
    private var indexes: [RowName: Int] = [:]
    private var truncations: [Truncation] = []
    /// The transactions that touched the group, ascending, once ``seal()`` was called.
    private(set) var transactions: [UInt64] = []

    /// Adds a change; those of one row come in the order of their sequence.
    mutating func append(_ change: RecordedChange) {
        self.transactions.append(change.xid)
        switch change.effect {
        case .present(let row):
            self.append(row, to: RowName(source: change.source, key: row.key), change)
        case .gone(let key):
            self.append(nil, to: RowName(source: change.source, key: key), change)
        case .truncated:
            self.truncations.append(
                Truncation(sequence: change.sequence, xid: change.xid, source: change.source)
            )
        }
    }

    private mutating func append(_ row: RecordedRow?, to name: RowName, _ change: RecordedChange) {
        let version = Version(sequence: change.sequence, xid: change.xid, row: row)
        if let index = self.indexes[name] {
            self.rows[index].append(version)
        } else {
            self.indexes[name] = self.rows.count
            self.rows.append([version])
        }
    }

    /// Ends the appending.
    mutating func seal() {
        self.transactions = Set(self.transactions).sorted()
    }

    /// The rows as of a snapshot.
    func rows(at snapshot: ReadSnapshot) -> [RecordedRow] {
        let truncations = self.truncations.filter { snapshot.sees($0.xid) }
        return self.rows.compactMap { versions in
            guard let version = versions.last(where: { snapshot.sees($0.xid) }),
                let row = version.row,
                !truncations.contains(where: {
                    $0.source == row.source && $0.sequence > version.sequence
                })
            else { return nil }
            return row
        }
    }

    /// Which of the group's transactions a snapshot sees: equal sets, equal rows.
    func seen(by snapshot: ReadSnapshot) -> SeenTransactions {
        var seen = SeenTransactions(prefixCount: self.count(below: snapshot.xmin))
        for index in seen.prefixCount..<self.count(below: snapshot.xmax)
        where snapshot.sees(self.transactions[index]) {
            if seen.prefixCount == index {
                seen.prefixCount += 1
            } else {
                seen.others.append(self.transactions[index])
            }
        }
        return seen
    }

    /// How many of the transactions are below `xid`; O(log n).
    private func count(below xid: UInt64) -> Int {
        var (low, high) = (0, self.transactions.count)
        while low < high {
            let middle = (low + high) / 2
            if self.transactions[middle] < xid { low = middle + 1 } else { high = middle }
        }
        return low
    }
}

/// A set of a group's transactions: the first so many, and some behind them.
struct SeenTransactions: Hashable, Sendable {
    var prefixCount: Int
    var others: [UInt64] = []
}
