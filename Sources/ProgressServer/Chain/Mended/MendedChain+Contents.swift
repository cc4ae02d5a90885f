extension MendedChain {
    /// Gives all files to `body`: those of one range in the chain's order, then the others by id.
    package func forEach<E>(
        _ body: (Segment, RowVersion) throws(E) -> Void
    ) throws(E) {
        for chunk in self.files.chunks {
            for offset in chunk.files.indices {
                let file = chunk.files[offset]
                try body(file.segment(id: chunk.ids[offset]), file.version)
            }
        }
        for file in self.irregularFiles.values.sorted(by: { $0.segment.id < $1.segment.id }) {
            try body(file.segment, file.version)
        }
    }

    /// Gives the row of each file to `body`, in the order of ``forEach(_:)``, without unpacking it.
    package func forEachRow<E>(
        _ body: (FileID, RowVersion) throws(E) -> Void
    ) throws(E) {
        for chunk in self.files.chunks {
            for offset in chunk.files.indices {
                try body(chunk.ids[offset], chunk.files[offset].version)
            }
        }
        for file in self.irregularFiles.values.sorted(by: { $0.segment.id < $1.segment.id }) {
            try body(file.segment.id, file.version)
        }
    }

    /// The bytes that the files take in memory: all buffers at their capacity, with their headers.
    ///
    /// O(chunks).
    package var byteCount: Int {
        let bufferHeaderByteCount = FileChunk.bufferHeaderByteCount
        let ownByteCount = MemoryLayout<Self>.stride + KnownSummary.byteCount
        let chunksByteCount =
            bufferHeaderByteCount + self.files.chunks.capacity * MemoryLayout<FileChunk>.stride
        let fileByteCount = self.files.chunks.reduce(0) { $0 + $1.bufferByteCount }
        // A hash table is at most three quarters full.
        let entryByteCount = MemoryLayout<FileID>.stride + MemoryLayout<IrregularFile>.stride
        let entriesByteCount = self.irregularFiles.capacity * entryByteCount * 4 / 3
        let rangesByteCount = self.irregularFiles.values.reduce(0) { sum, file in
            sum + bufferHeaderByteCount
                + file.segment.ranges.count * MemoryLayout<BlockRange>.stride
        }
        return ownByteCount + chunksByteCount + fileByteCount + entriesByteCount + rangesByteCount
    }
}
