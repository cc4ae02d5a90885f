/// The order in which segments compete for a place in the canonical chain.
///
/// Amp's order is start ascending, position by position over the networks, then the newest first.
/// Equal start and time is undefined there; here the higher file id goes first. That is a total
/// order of segments with the same number of ranges. Between different numbers of ranges Amp
/// compares what both have, which is no consistent order (`[5] = [5, 3]`, `[5] = [5, 1]`, but not
/// `[5, 3] = [5, 1]`), so here segments are grouped by their number of ranges. Only ``seed``
/// compares across groups, and nothing else has to: segments of two groups never link.
struct ChainOrder {
    private struct Key {
        var rangeCount: Int
        var start: UInt64
        var lastModified: FileTime
        var id: FileID
        var place: Int
    }

    private let segments: [Segment]
    private let keys: [Key]

    /// Orders the segments that have ranges; O(n log n), and O(n) if they are in order already.
    init(_ segments: [Segment]) {
        var keys: [Key] = []
        keys.reserveCapacity(segments.count)
        for place in segments.indices {
            let ranges = segments[place].ranges
            guard let first = ranges.only ?? ranges.first else { continue }
            keys.append(
                Key(
                    rangeCount: ranges.count,
                    start: first.start,
                    lastModified: segments[place].lastModified,
                    id: segments[place].id,
                    place: place
                )
            )
        }
        keys.sort { lhs, rhs in
            if lhs.rangeCount != rhs.rangeCount { return lhs.rangeCount < rhs.rangeCount }
            return Self.isBefore(lhs, rhs, in: segments)
        }
        self.segments = segments
        self.keys = keys
    }

    /// The places of the segments, in order.
    var places: some RandomAccessCollection<Int> {
        self.keys.lazy.map(\.place)
    }

    /// The place of the segment that the chain starts with: lowest start, newest among equals.
    ///
    /// The first segments of the groups are compared by the starts that both have, then by time and
    /// id, beginning with the group of the fewest ranges.
    var seed: Int? {
        guard var best = self.keys.first else { return nil }
        var rangeCount = best.rangeCount
        for key in self.keys where key.rangeCount != rangeCount {
            rangeCount = key.rangeCount
            if Self.isBefore(key, best, in: self.segments) { best = key }
        }
        return best.place
    }

    /// Whether `lhs` goes before `rhs` by start over the positions that both have, time and id.
    private static func isBefore(_ lhs: Key, _ rhs: Key, in segments: [Segment]) -> Bool {
        if lhs.start != rhs.start { return lhs.start < rhs.start }
        if lhs.rangeCount > 1, rhs.rangeCount > 1 {
            let pairs = zip(segments[lhs.place].ranges, segments[rhs.place].ranges)
            for (left, right) in pairs where left.start != right.start {
                return left.start < right.start
            }
        }
        if lhs.lastModified != rhs.lastModified { return lhs.lastModified > rhs.lastModified }
        return lhs.id > rhs.id
    }
}
