import Testing

@testable import ProgressChain

struct BlockRangesTests {
    private let notation = SegmentNotation()

    @Test(arguments: 0..<5) func theyHoldWhatAnArrayHolds(_ count: Int) throws {
        let ranges = try (0..<count).map { try self.notation.range("\($0)-9") }
        var appended = BlockRanges()
        for range in ranges { appended.append(range) }
        #expect(Array(appended) == ranges)
        #expect(appended.count == count)
        #expect(BlockRanges(ranges) == appended)
        #expect(BlockRanges(ranges).hashValue == appended.hashValue)
        #expect(appended.only == (count == 1 ? ranges.first : nil))
    }
}
