import Testing

@testable import ProgressChain

/// Inputs on which a quadratic search makes 4 * 10^8 steps, minutes in a debug build.
@Suite(.timeLimit(.minutes(1)))
struct AdversarialInputTests {
    private static let fileCount: UInt64 = 20_000
    private let network: Network
    private let seed: Segment

    init() throws {
        let notation = SegmentNotation()
        self.network = try #require(notation.names.network(named: "a"))
        self.seed = try notation.segment("0-9", id: 0)
    }

    /// One file for each number, of `blocks` and with the hashes of these forks.
    private func files(
        _ blocks: (UInt64) -> ClosedRange<UInt64>,
        hash: (UInt64) -> BlockHash,
        previousHash: (UInt64) -> BlockHash
    ) -> [Segment] {
        (1...Self.fileCount).map { number in
            let blocks = blocks(number)
            return Segment(
                id: FileID(rawValue: Int64(number)),
                size: .zero,
                lastModified: .epoch,
                range: BlockRange(
                    network: self.network,
                    start: blocks.lowerBound,
                    end: blocks.upperBound,
                    hash: hash(number),
                    previousHash: previousHash(number)
                )
            )
        }
    }

    @Test func aLongBranchBehindAHole() throws {
        // Every file is a candidate whose walk leads to the same head, which does not join.
        let branch = self.files(
            { $0 + 20...$0 + 20 },
            hash: { SegmentNotation.hash(of: $0, fork: 1) },
            previousHash: { SegmentNotation.hash(of: $0 - 1, fork: 1) }
        )
        let chain = try #require(CanonicalChain(of: [self.seed] + branch))
        #expect(chain.segments.map(\.id) == [self.seed.id])
        #expect(Fork(beside: chain) == nil)
    }

    @Test func aLongForkIsFoundWhole() throws {
        let branch = self.files(
            { $0 + 9...$0 + 9 },
            hash: { SegmentNotation.hash(of: $0, fork: 1) },
            previousHash: { SegmentNotation.hash(of: $0 - 1, fork: 1) }
        )
        let chain = try #require(CanonicalChain(of: [self.seed] + branch))
        #expect(Fork(beside: chain)?.segments.map(\.id) == branch.map(\.id))
    }

    @Test func unlinkedFilesBehindAHole() throws {
        let loose = self.files(
            { 20 + 2 * $0...20 + 2 * $0 },
            hash: { SegmentNotation.hash(of: $0, fork: 1) },
            previousHash: { SegmentNotation.hash(of: $0, fork: 2) }
        )
        let chain = try #require(CanonicalChain(of: [self.seed] + loose))
        #expect(chain.rest.count == loose.count)
        #expect(Fork(beside: chain) == nil)
        let missing = try MissingRanges(of: 0...1_000_000, in: [self.seed] + loose)
        #expect(missing.ranges.count == loose.count + 1)
    }

    @Test func filesThatAllHaveTheSameHash() throws {
        // All could be the parent of all later ones; only the nearest is.
        let same = SegmentNotation.hash(of: 1, fork: 7)
        let files = self.files(
            { $0 + 20...$0 + 20 },
            hash: { _ in same },
            previousHash: { _ in same }
        )
        let chain = try #require(CanonicalChain(of: [self.seed] + files.shuffled()))
        #expect(chain.segments.count == 1)
        #expect(Fork(beside: chain) == nil)
        let linked = try #require(CanonicalChain(of: files.shuffled()))
        #expect(linked.segments == files)
    }

    @Test func filesThatAllOverlap() throws {
        let same = SegmentNotation.hash(of: 1, fork: 7)
        let files = self.files(
            { 20 + $0...200_000 + $0 },
            hash: { _ in same },
            previousHash: { _ in same }
        )
        let chain = try #require(CanonicalChain(of: [self.seed] + files))
        #expect(Fork(beside: chain) == nil)
        let missing = try MissingRanges(of: 0...400_000, in: [self.seed] + files)
        #expect(missing.ranges == [10...20, 200_001 + Self.fileCount...400_000])
    }
}
