extension MendedChain {
    /// Takes the files of a revision one by one, packs each at once, and finds the chain at the end.
    ///
    /// Files in order are appended, O(n); for others the place is searched and half a chunk moved.
    /// While it takes files in another order, it may need twice the memory of the chain.
    package struct Builder: Sendable {
        private var chain: MendedChain

        package init() {
            self.init(chunkFileLimit: MendedChain.chunkFileLimit)
        }

        init(chunkFileLimit: Int) {
            self.chain = MendedChain(chunkFileLimit: chunkFileLimit)
        }

        /// The number of files so far.
        package var fileCount: Int { self.chain.fileCount }

        /// Adds a file, whose id no other file may have.
        package mutating func append(_ segment: Segment, version: RowVersion) {
            if let file = PackedSegment(segment, version: version) {
                _ = self.chain.files.insert(file, id: segment.id)
            } else {
                self.chain.irregularFiles[segment.id] = IrregularFile(
                    segment: segment,
                    version: version
                )
            }
        }

        /// The chain of all files, in full chunks; the builder has no file afterwards.
        package mutating func finish() -> MendedChain {
            // Taken out, so that nothing is copied because two chains hold it.
            var chain = MendedChain(chunkFileLimit: self.chain.files.chunkFileLimit)
            swap(&chain, &self.chain)
            chain.files.pack()
            chain.markAll()
            return chain
        }
    }
}
