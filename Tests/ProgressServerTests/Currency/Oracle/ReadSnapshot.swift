/// Which transactions a read could see: a snapshot, as `pg_current_snapshot()` prints it.
struct ReadSnapshot: Hashable, Sendable {
    /// The lowest transaction that was still running; all below it were over.
    var xmin: UInt64
    /// The lowest transaction that had not begun.
    var xmax: UInt64
    /// Those in between that were running, in ascending order.
    var running: [UInt64]

    init(xmax: UInt64, running: some Sequence<UInt64>) {
        self.running = running.sorted()
        self.xmin = self.running.first ?? xmax
        self.xmax = xmax
    }

    /// Reads "xmin:xmax:xip,…"; `nil` if the text is anything else.
    init?(_ text: String) {
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count == 3, let xmin = UInt64(parts[0]), let xmax = UInt64(parts[1]),
            xmin >= 1, xmin <= xmax
        else { return nil }
        self.running = []
        for word in parts[2].split(separator: ",", omittingEmptySubsequences: false)
        where !parts[2].isEmpty {
            guard let xid = UInt64(word), xid >= xmin, xid < xmax, self.running.last ?? 0 < xid
            else { return nil }
            self.running.append(xid)
        }
        self.xmin = xmin
        self.xmax = xmax
    }

    /// Whether the effects of a committed transaction are in.
    func sees(_ xid: UInt64) -> Bool {
        xid < self.xmin || (xid < self.xmax && !self.running.contains(xid))
    }

    /// Whether every transaction that was over at `other` is over here.
    func isAtOrAfter(_ other: Self) -> Bool {
        self.xmax >= other.xmax
            && self.running.allSatisfy { $0 >= other.xmax || other.running.contains($0) }
    }
}

extension ReadSnapshot: CustomStringConvertible {
    var description: String {
        "\(self.xmin):\(self.xmax):\(self.running.map(String.init).joined(separator: ","))"
    }
}
