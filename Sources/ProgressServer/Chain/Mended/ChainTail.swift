/// What the next file of a chain must go on from.
///
/// It is all that the pass that finds the chain knows of the files behind it.
struct ChainTail: Equatable, Sendable {
    let hash: BlockHash
    let end: UInt64
    let network: Network

    init(hash: BlockHash, end: UInt64, network: Network) {
        self.hash = hash
        self.end = end
        self.network = network
    }

    init(_ file: PackedSegment) {
        self.init(hash: file.hash, end: file.end, network: file.network)
    }
}
