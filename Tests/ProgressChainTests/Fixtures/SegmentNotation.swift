import Testing

@testable import ProgressChain

/// Segments as the upstream test scenarios write them.
///
/// `a-b(p,h)@t` covers the blocks a to b; its parent is block a - 1 of fork p, its last block is of
/// fork h, and it was created t seconds after the epoch. What is left out is 0. `{x;y}` has a range
/// on each of the networks `a` and `b`.
struct SegmentNotation {
    let names = NetworkNames()

    /// The segments of a list such as `0-2 3-5@1`, with ids from 1.
    func segments(_ list: String) throws -> [Segment] {
        try list.split(separator: " ").enumerated().map { index, text in
            try self.segment(String(text), id: Int64(index + 1))
        }
    }

    func segment(_ text: String, id: Int64) throws -> Segment {
        let parts = text.split(separator: "@", maxSplits: 1)
        let seconds = parts.count > 1 ? try Self.number(parts[1]) : 0
        let ranges = parts[0].filter { $0 != "{" && $0 != "}" }.split(separator: ";")
        return Segment(
            id: FileID(rawValue: id),
            size: .zero,
            lastModified: FileTime(seconds: seconds, nanoseconds: 0),
            ranges: BlockRanges(
                try zip(ranges, ["a", "b"]).map { try self.range(String($0), network: $1) }
            ),
            names: self.names
        )
    }

    func range(_ text: String, network: String = "a") throws -> BlockRange {
        let parts = text.split { "(,)".contains($0) }
        let bounds = try parts[0].split(separator: "-").map(Self.number)
        let forks = try parts.dropFirst().map(Self.number)
        try #require(bounds.count == 2 && (forks.isEmpty || forks.count == 2), "\(text)")
        return try self.range(
            bounds[0]...bounds[1],
            previousFork: forks.first ?? 0,
            fork: forks.last ?? 0,
            network: network
        )
    }

    func range(
        _ blocks: ClosedRange<UInt64>,
        previousFork: UInt64,
        fork: UInt64,
        network: String = "a"
    ) throws -> BlockRange {
        BlockRange(
            network: try #require(self.names.network(named: network)),
            start: blocks.lowerBound,
            end: blocks.upperBound,
            hash: Self.hash(of: blocks.upperBound, fork: fork),
            previousHash: blocks.lowerBound == 0
                ? .zero : Self.hash(of: blocks.lowerBound - 1, fork: previousFork)
        )
    }

    /// The made-up hash of a block on a fork from 0 to 255.
    static func hash(of block: UInt64, fork: UInt64) -> BlockHash {
        BlockHash(words: 0x80 << 56, 0, block >> 56, block << 8 | fork)
    }

    private static func number(_ text: some StringProtocol) throws -> UInt64 {
        try #require(UInt64(text), "\(text) is no number")
    }
}
