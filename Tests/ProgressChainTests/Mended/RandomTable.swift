import TestSupport

@testable import ProgressChain

/// Makes the files of a table that grows, as a worker would write them, and accidents among them.
///
/// Mostly files of one block, in order; some leave a hole, some cover the blocks of others again, on
/// the same fork or another.
struct RandomTable {
    var generator: SplitMix64
    private let network: Network
    private let other: Network
    /// The first block that no file was made for.
    private var tip: UInt64 = 0
    private var lastID: Int64 = 0

    init?(seed: UInt64, names: NetworkNames) {
        guard let network = names.network(named: "a"), let other = names.network(named: "b") else {
            return nil
        }
        self.generator = SplitMix64(seed: seed)
        self.network = network
        self.other = other
    }

    /// The next file: mostly what goes on at the tip.
    mutating func file() -> Segment {
        let start = UInt64.random(in: 0...self.tip, using: &self.generator)
        switch Int.random(in: 0..<30, using: &self.generator) {
        case 0:
            // Leaves a hole, which a single block may fill later.
            self.tip += 2
            return self.file(self.tip - 1...self.tip - 1)
        case 1...3:
            // What a compaction writes, newer or not than what it holds.
            let length = UInt64.random(in: 1...12, using: &self.generator)
            return self.file(start...min(start + length, max(start, self.tip)))
        case 4, 5:
            return self.file(start...start)
        case 6:
            let fork = UInt64.random(in: 0...1, using: &self.generator)
            return self.file(start...start, previousFork: fork, fork: 1)
        case 7:
            return self.file(start...start, isOther: true)
        default:
            self.tip += 1
            return self.file(self.tip - 1...self.tip - 1)
        }
    }

    private mutating func file(
        _ blocks: ClosedRange<UInt64>,
        previousFork: UInt64 = 0,
        fork: UInt64 = 0,
        isOther: Bool = false
    ) -> Segment {
        self.lastID += 1
        let start = blocks.lowerBound
        let previousHash: BlockHash =
            start == 0 ? .zero : SegmentNotation.hash(of: start - 1, fork: previousFork)
        return Segment(
            id: FileID(rawValue: self.lastID),
            size: .zero,
            lastModified: FileTime(
                seconds: UInt64.random(in: 0...5, using: &self.generator),
                nanoseconds: UInt32.random(in: 999_999_998...999_999_999, using: &self.generator)
            ),
            range: BlockRange(
                network: isOther ? self.other : self.network,
                start: start,
                end: blocks.upperBound,
                hash: SegmentNotation.hash(of: blocks.upperBound, fork: fork),
                previousHash: previousHash
            )
        )
    }
}

extension Segment {
    /// The same file with other values; `shift` is added to its block numbers, and may wrap.
    func with(id: FileID? = nil, size: FileSize? = nil, shift: UInt64 = 0) -> Segment {
        var ranges = BlockRanges()
        for var range in self.ranges {
            range.start &+= shift
            range.end &+= shift
            ranges.append(range)
        }
        return Segment(
            id: id ?? self.id,
            size: size ?? self.size,
            lastModified: self.lastModified,
            sortedRanges: ranges
        )
    }
}
