import Testing

@testable import ProgressChain

struct CanonicalChainTests {
    private let notation = SegmentNotation()

    private func ids(_ files: [Segment]) -> [Int64]? {
        CanonicalChain(of: files)?.segments.map(\.id.rawValue)
    }

    @Test func noFilesMakeNoChain() {
        #expect(CanonicalChain(of: []) == nil)
    }

    @Test func equalStartAndTimeGoToTheHigherID() throws {
        let files = try self.notation.segments("0-2 3-5 3-5(0,1) 6-8(1,0) 6-9")
        #expect(self.ids(files) == [1, 3, 4])
        #expect(self.ids(files.reversed()) == [1, 3, 4])
    }

    @Test func aNanosecondDecides() throws {
        let older = try self.notation.segment("0-2", id: 9)
        let newer = Segment(
            id: FileID(rawValue: 1),
            size: .zero,
            lastModified: FileTime(seconds: 0, nanoseconds: 1),
            range: older.ranges[0]
        )
        #expect(self.ids([older, newer]) == [1])
    }

    @Test func aFileWithoutParentHashCanSeedButNotContinue() throws {
        var range = try self.notation.range("3-5")
        range.previousHash = nil
        let orphan = Segment(
            id: FileID(rawValue: 7),
            size: .zero,
            lastModified: .epoch,
            range: range
        )
        let files = try self.notation.segments("0-2 6-8")
        #expect(self.ids([orphan] + files) == [1])
        #expect(self.ids([orphan, files[1]]) == [7, 2])
    }

    @Test func everyFileIsInTheChainOrInTheRest() throws {
        let files = try self.notation.segments("0-2@1 3-5 3-5(1,1) {0-1;0-1} {} 9-9")
        let chain = try #require(CanonicalChain(of: files))
        let ids = (chain.segments + chain.rest).map(\.id.rawValue)
        #expect(ids.sorted() == [1, 2, 3, 4, 5, 6])
        #expect(chain.segments.map(\.id.rawValue) == [1, 2])
    }

    @Test func filesWithoutRangesAloneMakeNoChain() throws {
        #expect(self.ids(try self.notation.segments("{} {}")) == nil)
    }

    @Test("Between one and two ranges with the same start, the newer file seeds")
    func mixedRangeCounts() throws {
        #expect(self.ids(try self.notation.segments("0-2@1 {0-2;0-2}@2")) == [2])
        #expect(self.ids(try self.notation.segments("0-2@2 {0-2;0-2}@1")) == [1])
        #expect(self.ids(try self.notation.segments("0-2 {0-2;0-2}")) == [2])
        // A circle, were all pairs compared: 1 before 3 by start, 3 before 2 and 2 before 1 by time.
        let circle = try self.notation.segments("{5-5;1-1}@1 5-5@2 {5-5;3-3}@3")
        #expect(self.ids(circle) == [2])
        #expect(self.ids(circle.reversed()) == [2])
    }

    @Test func theHighestBlockNumbersDoNotOverflow() throws {
        let last = UInt64.max
        let hash = SegmentNotation.hash(of: 1, fork: 0)
        let network = try #require(self.notation.names.network(named: "a"))
        let files = (0..<3).map { step in
            Segment(
                id: FileID(rawValue: Int64(step)),
                size: .zero,
                lastModified: .epoch,
                range: BlockRange(
                    network: network,
                    start: last - 2 + UInt64(step),
                    end: last - 2 + UInt64(step),
                    hash: hash,
                    previousHash: hash
                )
            )
        }
        #expect(self.ids(files) == [0, 1, 2])
        #expect(CanonicalChain(of: files).flatMap(Fork.init(beside:)) == nil)
    }
}
