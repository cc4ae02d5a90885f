/// The progress numbers of one table, from the files of its active revision.
package struct TableSummary: Equatable, Sendable {
    /// The blocks that the table has; `nil` if it has no file.
    package let syncedRange: SyncedRange?
    /// The number of canonical files.
    package let fileCount: Int
    /// The sum of the sizes of the canonical files, in bytes.
    package let totalByteCount: Int64

    /// A table without files, or without an active revision.
    package static let empty = Self(syncedRange: nil, fileCount: 0, totalByteCount: 0)

    /// Computes the numbers from all files of a revision, in any order; O(n log n).
    ///
    /// - Throws: ``TableError`` if a file has no range at all, if a canonical file has several, or
    ///   if a block number or the total size does not fit 63 bits.
    package init(of files: [Segment]) throws(TableError) {
        // Such a file has no place in any order, so it cannot be left out of the chain either.
        if let file = files.lazy.filter({ $0.ranges.isEmpty }).map({ $0.id }).min() {
            throw .multipleNetworks(file: file, rangeCount: 0)
        }
        guard let chain = CanonicalChain(of: files) else {
            self = .empty
            return
        }
        let syncedRange = try SyncedRange(of: chain.segments)
        var byteCount: Int64 = 0
        for segment in chain.segments {
            let (sum, overflow) = byteCount.addingReportingOverflow(segment.size.byteCount)
            guard !overflow else { throw .totalSizeOverflow }
            byteCount = sum
        }
        self.init(
            syncedRange: syncedRange,
            fileCount: chain.segments.count,
            totalByteCount: byteCount
        )
    }

    init(syncedRange: SyncedRange?, fileCount: Int, totalByteCount: Int64) {
        self.syncedRange = syncedRange
        self.fileCount = fileCount
        self.totalByteCount = totalByteCount
    }
}
