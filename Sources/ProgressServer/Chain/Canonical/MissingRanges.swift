/// The blocks of a wanted range that a table lacks.
///
/// They are what no file covers, canonical or not, plus, if there is a ``Fork``, the blocks of the
/// canonical file before it that the fork has to link to and that must be fetched again: from the
/// start of the canonical file that holds the block before the fork, to that block. O(n log n).
package struct MissingRanges: Equatable, Sendable {
    /// The missing blocks: in order, without overlap, as few ranges as possible.
    package let ranges: [ClosedRange<UInt64>]

    /// Finds the blocks of `wanted` that the files lack.
    ///
    /// A file whose range ends before it starts covers nothing.
    /// - Throws: ``TableError/multipleNetworks(file:rangeCount:)`` if a file has not exactly one
    ///   range, or ranges are of different networks: then there is not one row of blocks.
    package init(
        of wanted: ClosedRange<UInt64>,
        in files: [Segment]
    ) throws(TableError) {
        let chain = CanonicalChain(of: files)
        try self.init(of: wanted, in: files, beside: chain.flatMap { Fork(beside: $0) }, chain)
    }

    /// The same, with the chain of these files and its fork, which take longest to find.
    package init(
        of wanted: ClosedRange<UInt64>,
        in files: [Segment],
        beside fork: Fork?,
        _ chain: CanonicalChain?
    ) throws(TableError) {
        try SingleNetwork.check(files)
        let covered = files.compactMap { $0.ranges.only }.compactMap(Self.numbers)
        var missing = Self.gaps(in: wanted, between: Self.merged(covered))
        if let chain, let fork, let refetched = Self.refetched(chain, fork)?.intersection(wanted) {
            missing.append(refetched)
        }
        self.ranges = Self.merged(missing)
    }

    private static func numbers(of range: BlockRange) -> ClosedRange<UInt64>? {
        range.start <= range.end ? range.start...range.end : nil
    }

    /// The canonical blocks that a fork makes necessary to fetch again, up to the fork's start.
    private static func refetched(
        _ chain: CanonicalChain,
        _ fork: Fork
    ) -> ClosedRange<UInt64>? {
        guard let start = fork.segments.first?.ranges.first?.start, start > 0 else { return nil }
        let last = start - 1
        let holder = chain.segments.lazy.compactMap { $0.ranges.only }.compactMap(Self.numbers)
            .first { $0.contains(last) }
        return holder.map { $0.lowerBound...last }
    }

    /// What `covered`, in order and disjoint, leaves of `wanted`.
    private static func gaps(
        in wanted: ClosedRange<UInt64>,
        between covered: [ClosedRange<UInt64>]
    ) -> [ClosedRange<UInt64>] {
        var gaps: [ClosedRange<UInt64>] = []
        var next = wanted.lowerBound
        for range in covered where range.upperBound >= next {
            guard range.lowerBound <= wanted.upperBound else { break }
            if range.lowerBound > next {
                gaps.append(next...(range.lowerBound - 1))
            }
            // Nothing is left, and `upperBound + 1` may not exist.
            guard range.upperBound < wanted.upperBound else { return gaps }
            next = range.upperBound + 1
        }
        gaps.append(next...wanted.upperBound)
        return gaps
    }

    /// The same blocks in order, with ranges that overlap or touch made one.
    private static func merged(_ ranges: [ClosedRange<UInt64>]) -> [ClosedRange<UInt64>] {
        var merged: [ClosedRange<UInt64>] = []
        for range in ranges.sorted(by: { $0.lowerBound < $1.lowerBound }) {
            if let last = merged.last,
                range.lowerBound <= last.upperBound || range.lowerBound - 1 == last.upperBound
            {
                merged[merged.count - 1] =
                    last.lowerBound...max(last.upperBound, range.upperBound)
            } else {
                merged.append(range)
            }
        }
        return merged
    }
}

extension ClosedRange {
    /// What both ranges contain; `nil` if that is nothing.
    func intersection(_ other: Self) -> Self? {
        self.overlaps(other) ? self.clamped(to: other) : nil
    }
}
