/// One file of a table revision, as far as the canonical chain needs to know it.
///
/// At most 120 bytes and, with one range, without an allocation: a server keeps many of them.
package struct Segment: Hashable, Sendable {
    /// What the file covers, sorted by network name; in practice exactly one range.
    package let ranges: BlockRanges
    /// The row that describes the file.
    package let id: FileID
    /// The size of the file.
    package let size: FileSize
    /// When the file was created.
    package let lastModified: FileTime

    /// Creates a segment of one range.
    package init(id: FileID, size: FileSize, lastModified: FileTime, range: BlockRange) {
        self.init(
            id: id,
            size: size,
            lastModified: lastModified,
            sortedRanges: BlockRanges(only: range)
        )
    }

    /// Creates a segment of any number of ranges, in any order, whose networks `names` gave out.
    package init(
        id: FileID,
        size: FileSize,
        lastModified: FileTime,
        ranges: BlockRanges,
        names: NetworkNames
    ) {
        self.init(
            id: id,
            size: size,
            lastModified: lastModified,
            sortedRanges: names.sorted(ranges)
        )
    }

    init(
        id: FileID,
        size: FileSize,
        lastModified: FileTime,
        sortedRanges: BlockRanges
    ) {
        self.ranges = sortedRanges
        self.id = id
        self.size = size
        self.lastModified = lastModified
    }

    /// Whether `next` goes on where this file ends, on every network.
    ///
    /// Files with different numbers of ranges do not link; a file without ranges links to nothing.
    package func links(to next: Self) -> Bool {
        if let range = self.ranges.only, let nextRange = next.ranges.only {
            return range.links(to: nextRange)
        }
        guard !self.ranges.isEmpty, self.ranges.count == next.ranges.count else { return false }
        return zip(self.ranges, next.ranges).allSatisfy { $0.links(to: $1) }
    }
}

extension NetworkNames {
    /// The ranges in the order of their network names, byte by byte; ranges of the same network
    /// in the order of their blocks.
    func sorted(_ ranges: BlockRanges) -> BlockRanges {
        guard ranges.count > 1 else { return ranges }
        let named = ranges.map { (name: Array(self.name(of: $0.network).utf8), range: $0) }
        let sorted = named.sorted { lhs, rhs in
            if lhs.name != rhs.name { return lhs.name.lexicographicallyPrecedes(rhs.name) }
            return (lhs.range.start, lhs.range.end) < (rhs.range.start, rhs.range.end)
        }
        return BlockRanges(sorted.map(\.range))
    }
}
