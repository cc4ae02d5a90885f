/// The blocks that a table has: from the first of its canonical chain to the last.
///
/// Blocks in between may be missing where the chain links by hash across a hole.
package struct SyncedRange: Equatable, Sendable {
    /// The lowest start of the canonical files.
    package let startBlock: Int64
    /// The highest end of the canonical files.
    package let currentBlock: Int64

    /// Finds the range of a canonical chain's files; `nil` if there are none.
    ///
    /// - Throws: ``TableError/multipleNetworks(file:rangeCount:)`` if a file has not exactly one
    ///   range or is of another network than the one before, and
    ///   ``TableError/blockNumberOverflow(_:)`` if a bound is above `Int64.max`.
    package init?(of canonical: [Segment]) throws(TableError) {
        try SingleNetwork.check(canonical)
        guard let first = canonical.first?.ranges.only else { return nil }
        var (start, end) = (first.start, first.end)
        for case let range? in canonical.lazy.map({ $0.ranges.only }) {
            start = min(start, range.start)
            end = max(end, range.end)
        }
        try self.init(start: start, end: end)
    }

    /// Creates the range of these bounds.
    ///
    /// - Throws: ``TableError/blockNumberOverflow(_:)`` naming the first that is above `Int64.max`.
    init(start: UInt64, end: UInt64) throws(TableError) {
        self.startBlock = try Self.blockNumber(start)
        self.currentBlock = try Self.blockNumber(end)
    }

    private static func blockNumber(_ number: UInt64) throws(TableError) -> Int64 {
        guard let number = Int64(exactly: number) else { throw .blockNumberOverflow(number) }
        return number
    }
}
