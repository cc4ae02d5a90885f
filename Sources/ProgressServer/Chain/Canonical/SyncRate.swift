/// How fast a table grows, by the times at which the last files of its chain were made.
///
/// Files of an hour, so that a pause long ago does not count; Amp closes one every ten minutes at least.
package enum SyncRate {
    /// Most files that are looked at, from the last on.
    package static let fileLimit = 64
    /// Files made longer before the newest than this, in microseconds, are not looked at.
    package static let window: Int64 = 3_600_000_000

    /// Blocks a second; `nil` if fewer than two of the files were made at different times.
    ///
    /// The blocks of all of them but the oldest, over the time from the oldest to the newest.
    package static func blocksPerSecond(of chain: CanonicalChain) -> Double? {
        // By their blocks, as compaction makes the files of earlier ones anew.
        let files = chain.segments.suffix(Self.fileLimit)
            .map { (made: $0.lastModified.microseconds, blocks: Self.blockCount(of: $0)) }
            .sorted { $0.made > $1.made }
        guard let end = files.first?.made else { return nil }
        let newest = files.prefix { end - $0.made <= Self.window }
        guard let start = newest.last?.made, start < end else { return nil }
        let blocks = newest.dropLast().reduce(0) { $0 + $1.blocks }
        return blocks / (Double(end - start) / 1e6)
    }

    /// How many blocks a file of one network holds; 0 for one of several.
    private static func blockCount(of file: Segment) -> Double {
        file.ranges.only.map { Double($0.end) - Double($0.start) + 1 } ?? 0
    }
}

extension FileTime {
    /// Microseconds since 1970.
    package var microseconds: Int64 {
        let (product, isTooLarge) = Int64(clamping: self.seconds)
            .multipliedReportingOverflow(by: 1_000_000)
        return isTooLarge ? .max : product + Int64(self.nanoseconds / 1_000)
    }
}
