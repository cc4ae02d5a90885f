import Testing

@testable import ProgressChain

struct ForkTests {
    private let notation = SegmentNotation()

    private func fork(_ list: String) throws -> [Int64]? {
        let chain = try #require(CanonicalChain(of: try self.notation.segments(list)))
        return Fork(beside: chain)?.segments.map(\.id.rawValue)
    }

    @Test func aFileThatEndsWithTheChainIsNoFork() throws {
        #expect(try self.fork("0-2 3-5 3-5(1,1)") == nil)
        #expect(try self.fork("0-2 3-5 3-6(1,1)") == [3])
    }

    @Test func aForkMayStartOneBlockAfterTheChainButNotTwo() throws {
        #expect(try self.fork("0-2 3-5(1,1)") == [2])
        #expect(try self.fork("0-2 4-5(1,1)") == nil)
    }

    @Test func theNextCandidateIsTriedWhenTheHighestDoesNotReachTheChain() throws {
        #expect(try self.fork("0-2 3-5(1,1) 10-12(1,1)") == [2])
    }

    @Test func amongEqualEndsTheNewestThenTheHighestIDIsTried() throws {
        #expect(try self.fork("0-2 3-5(1,1)@2 3-5(1,2)@1") == [2])
        #expect(try self.fork("0-2 3-5(1,1) 3-5(1,2)") == [3])
    }

    @Test func theWalkStopsAtTheBlocksOfTheChain() throws {
        // File 4 is the canonical file 2 once more; the fork begins after it.
        #expect(try self.fork("0-2@1 3-5@1 6-8@1 3-5 6-9(0,1)") == [5])
    }

    @Test func filesOfSeveralNetworksThatShareAHashAreToldApartByTheirEnds() throws {
        let names = self.notation.names
        let networks = try ["a", "b"].map { try #require(names.network(named: $0)) }
        let (shared, other) = (
            SegmentNotation.hash(of: 1, fork: 9), SegmentNotation.hash(of: 2, fork: 9)
        )
        func file(_ id: Int64, _ first: ClosedRange<UInt64>, _ second: ClosedRange<UInt64>)
            -> Segment
        {
            let ranges = zip(networks, [first, second]).map { network, blocks in
                BlockRange(
                    network: network,
                    start: blocks.lowerBound,
                    end: blocks.upperBound,
                    hash: id < 4 ? shared : other,
                    previousHash: id < 4 ? other : shared
                )
            }
            return Segment(
                id: FileID(rawValue: id),
                size: .zero,
                lastModified: .epoch,
                ranges: BlockRanges(ranges),
                names: names
            )
        }
        // 3 ends too late on the second network to link to 4; 2 does link.
        let files = [
            try self.notation.segment("{0-0;0-0}", id: 1), file(2, 1...3, 1...3),
            file(3, 1...4, 1...9), file(4, 6...8, 5...10),
        ]
        let chain = try #require(CanonicalChain(of: files))
        #expect(Fork(beside: chain)?.segments.map(\.id.rawValue) == [2, 4])
    }

    @Test func theHighestBlockNumberHasNoNext() throws {
        let network = try #require(self.notation.names.network(named: "a"))
        func file(_ id: Int64, _ start: UInt64, _ end: UInt64) -> Segment {
            Segment(
                id: FileID(rawValue: id),
                size: .zero,
                lastModified: .epoch,
                range: BlockRange(
                    network: network,
                    start: start,
                    end: end,
                    hash: .zero,
                    previousHash: SegmentNotation.hash(of: 9, fork: 9)
                )
            )
        }
        let files = [file(1, 0, .max - 1), file(2, .max, .max)]
        let chain = try #require(CanonicalChain(of: files))
        #expect(Fork(beside: chain)?.segments.map(\.id.rawValue) == [2])
        let full = try #require(CanonicalChain(of: [file(1, 0, .max), file(2, .max, .max)]))
        #expect(Fork(beside: full) == nil)
    }

    @Test func noBlockAfterTheLastOneIsNeededOnASecondNetwork() throws {
        let names = self.notation.names
        let networks = try ["a", "b"].map { try #require(names.network(named: $0)) }
        func file(_ id: Int64, _ blocks: [ClosedRange<UInt64>]) -> Segment {
            let ranges = zip(networks, blocks).map {
                BlockRange(
                    network: $0,
                    start: $1.lowerBound,
                    end: $1.upperBound,
                    hash: .zero,
                    previousHash: SegmentNotation.hash(of: 9, fork: 9)
                )
            }
            return Segment(
                id: FileID(rawValue: id),
                size: .zero,
                lastModified: .epoch,
                ranges: BlockRanges(ranges),
                names: names
            )
        }
        // The first network goes on, while the second is at the end of all numbers.
        let files = [file(1, [0...2, 0...UInt64.max]), file(2, [3...5, 7...7])]
        let chain = try #require(CanonicalChain(of: files))
        #expect(Fork(beside: chain)?.segments.map(\.id.rawValue) == [2])
    }

    @Test func whatDoesNotNameTheBlockBeforeItIsNoBranch() throws {
        var files = try self.notation.segments("0-2 3-5(1,1) 6-8(1,1)")
        func chain() throws -> CanonicalChain { try #require(CanonicalChain(of: files)) }
        #expect(Fork(beside: try chain())?.segments.map(\.id.rawValue) == [2, 3])
        var ranges = files[1].ranges.map { $0 }
        ranges[0].previousHash = nil
        files[1] = Segment(
            id: files[1].id,
            size: files[1].size,
            lastModified: files[1].lastModified,
            range: ranges[0]
        )
        #expect(Fork(beside: try chain()) == nil)
    }
}
