import Synchronization

/// The numbers of a chain once they were asked for; a changed chain gets a new one.
final class KnownSummary: Sendable {
    /// The bytes of one, with the header of an object and the allocator's.
    static var byteCount: Int { MemoryLayout<Mutex<Result<TableSummary, TableError>?>>.stride + 24 }

    let result = Mutex<Result<TableSummary, TableError>?>(nil)
}

extension MendedChain {
    /// The progress numbers: what ``TableSummary/init(of:)`` gives or throws for all files.
    ///
    /// Computed from the sums of the chunks when first asked for after a change.
    package func summary() throws(TableError) -> TableSummary {
        if let known = self.knownSummary.result.withLock({ $0 }) { return try known.get() }
        let result = Result { () throws(TableError) in try self.computedSummary() }
        self.knownSummary.result.withLock { $0 = result }
        return try result.get()
    }

    private func computedSummary() throws(TableError) -> TableSummary {
        try self.checkIrregularFiles()
        guard let first = self.files.chunks.first?.files.first else { return .empty }
        var (fileCount, byteCount, end) = (0, Int128(0), UInt64(0))
        for index in self.files.chunks.indices {
            fileCount += self.files.chunks[index].canonicalCount
            byteCount += self.files.chunks[index].canonicalByteCount
            end = max(end, self.files.chunks[index].canonicalEnd)
        }
        // The first file of the order seeds the chain, and none starts lower.
        let syncedRange = try SyncedRange(start: first.start, end: end)
        guard let totalByteCount = Int64(exactly: byteCount) else { throw .totalSizeOverflow }
        return TableSummary(
            syncedRange: syncedRange,
            fileCount: fileCount,
            totalByteCount: totalByteCount
        )
    }

    /// Throws if a file has no range, or if one of several seeds the chain.
    ///
    /// A file of several ranges that is no seed is in no chain that a file of one seeds. Which file seeds
    /// it, the first of each number of ranges decide, so the first of the others speaks for them.
    private func checkIrregularFiles() throws(TableError) {
        if self.irregularFiles.isEmpty { return }
        var segments = self.irregularFiles.values.map(\.segment)
        if let id = segments.lazy.filter({ $0.ranges.isEmpty }).map(\.id).min() {
            throw .multipleNetworks(file: id, rangeCount: 0)
        }
        if let chunk = self.files.chunks.first, let file = chunk.files.first {
            segments.append(file.segment(id: chunk.ids[0]))
        }
        guard let seed = ChainOrder(segments).seed.map({ segments[$0] }) else { return }
        if seed.ranges.only == nil {
            throw .multipleNetworks(file: seed.id, rangeCount: seed.ranges.count)
        }
    }
}
