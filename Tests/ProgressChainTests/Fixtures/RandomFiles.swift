import TestSupport

@testable import ProgressChain

/// Makes small sets of files in which starts, ends, hashes and times often coincide.
struct RandomFiles {
    var generator: SplitMix64
    private let networks: [Network]
    private let names: NetworkNames

    init(seed: UInt64, names: NetworkNames) {
        self.generator = SplitMix64(seed: seed)
        self.names = names
        self.networks = ["a", "b", "c"].compactMap(names.network(named:))
    }

    /// Up to `limit` files with different ids; `rangeCounts` are drawn from evenly.
    mutating func files(upTo limit: Int, rangeCounts: [Int]) -> [Segment] {
        let count = Int.random(in: 0...limit, using: &self.generator)
        var ids = Array(1...Int64(limit + 1))
        ids.shuffle(using: &self.generator)
        // Fewer block numbers and forks make more links and ties.
        let lastBlock = UInt64.random(in: 2...14, using: &self.generator)
        let lastFork = UInt64.random(in: 0...2, using: &self.generator)
        let lastSecond = UInt64.random(in: 0...3, using: &self.generator)
        return ids.prefix(count).map { id in
            let rangeCount = rangeCounts.randomElement(using: &self.generator) ?? 1
            // Now and then another network, but not where all files must be of one.
            let isOther = Int.random(in: 0..<6, using: &self.generator) == 0
            let first = isOther && rangeCounts != [1] && rangeCount < 3 ? 1 : 0
            return Segment(
                id: FileID(rawValue: id),
                size: .zero,
                lastModified: FileTime(
                    seconds: UInt64.random(in: 0...lastSecond, using: &self.generator),
                    nanoseconds: 0
                ),
                ranges: BlockRanges(
                    (0..<rangeCount).map {
                        self.range(
                            self.networks[first + $0],
                            lastBlock: lastBlock,
                            lastFork: lastFork
                        )
                    }
                ),
                names: self.names
            )
        }
    }

    private mutating func range(
        _ network: Network,
        lastBlock: UInt64,
        lastFork: UInt64
    ) -> BlockRange {
        let start = UInt64.random(in: 0...lastBlock, using: &self.generator)
        let isInverted = Int.random(in: 0..<40, using: &self.generator) == 0
        let length = UInt64.random(in: 0...3, using: &self.generator)
        let end = isInverted ? start - min(start, length) : start + length
        // Mostly the block before the start; at times an earlier one, which leaves a hole.
        let hole = UInt64.random(in: 0...9, using: &self.generator) == 0 ? UInt64(2) : 1
        let previousFork = UInt64.random(in: 0...lastFork, using: &self.generator)
        let fork = UInt64.random(in: 0...lastFork, using: &self.generator)
        let isUnknown = Int.random(in: 0..<15, using: &self.generator) == 0
        let previousHash: BlockHash =
            start < hole ? .zero : SegmentNotation.hash(of: start - hole, fork: previousFork)
        return BlockRange(
            network: network,
            start: start,
            end: end,
            hash: SegmentNotation.hash(of: end, fork: fork),
            previousHash: isUnknown ? nil : previousHash
        )
    }
}
