/// The blocks of one network that one file covers, and how they link to others.
package struct BlockRange: Hashable, Sendable {
    /// The first block.
    package var start: UInt64
    /// The last block, inclusive; Amp does not forbid that it is below ``start``.
    package var end: UInt64
    /// The hash of the last block.
    package var hash: BlockHash
    /// The parent hash of the first block; `nil`, in rows of old writers, links to nothing.
    package var previousHash: BlockHash?
    /// The network that the blocks are of.
    package var network: Network

    package init(
        network: Network,
        start: UInt64,
        end: UInt64,
        hash: BlockHash,
        previousHash: BlockHash?
    ) {
        self.start = start
        self.end = end
        self.hash = hash
        self.previousHash = previousHash
        self.network = network
    }

    /// Whether `next` goes on where this range ends: later blocks of the same network whose parent
    /// hash is this range's hash.
    ///
    /// The hash decides; block numbers between the two may be missing.
    package func links(to next: Self) -> Bool {
        self.network == next.network && self.end < next.start && self.hash == next.previousHash
    }
}
