import Testing

@testable import ProgressChain

struct SegmentTests {
    private let notation = SegmentNotation()

    @Test func aCachedFileTakesAtMost120Bytes() {
        #expect(MemoryLayout<Segment>.size == 116)
        #expect(MemoryLayout<Segment>.stride == 120)
        #expect(MemoryLayout<BlockRange>.size == 84)
        #expect(MemoryLayout<BlockHash>.size == 32)
        #expect(MemoryLayout<Network>.size == 2)
    }

    @Test(
        "A range links to later blocks whose parent is its last block",
        arguments: [
            ("5-7", "8-10", true),
            ("5-7", "8-10(1,0)", false),
            ("5-7(0,1)", "8-10", false),
            ("5-7(0,1)", "8-10(1,0)", true),
            ("8-10", "5-7", false),
            ("5-10", "8-12", false),
            ("5-7", "5-7", false),
        ]
    )
    func adjacency(_ first: String, _ second: String, _ expected: Bool) throws {
        let first = try self.notation.range(first)
        let second = try self.notation.range(second)
        #expect(first.links(to: second) == expected)
    }

    @Test func aRangeLinksAcrossAHoleInTheNumbers() throws {
        let first = try self.notation.range("5-7")
        var second = try self.notation.range("10-12")
        #expect(!first.links(to: second))
        second.previousHash = first.hash
        #expect(first.links(to: second))
    }

    @Test func overlappingRangesNeverLinkWhateverTheHashes() throws {
        let first = try self.notation.range("5-10")
        var second = try self.notation.range("8-12")
        second.previousHash = first.hash
        #expect(!first.links(to: second))
        second.start = 10
        #expect(!first.links(to: second))
        second.start = 11
        #expect(first.links(to: second))
    }

    @Test func rangesOfDifferentNetworksDoNotLink() throws {
        let first = try self.notation.range("5-7", network: "a")
        #expect(!first.links(to: try self.notation.range("8-10", network: "b")))
    }

    @Test func aRangeWithoutParentHashLinksToNothing() throws {
        var first = try self.notation.range("5-7")
        var second = try self.notation.range("8-10")
        second.previousHash = nil
        #expect(!first.links(to: second))
        first.hash = .zero
        #expect(!first.links(to: second))
    }

    @Test func segmentsLinkOnlyOnAllNetworks() throws {
        let first = try self.notation.segment("{0-2;0-2}", id: 1)
        #expect(first.links(to: try self.notation.segment("{3-5;3-5}", id: 2)))
        #expect(!first.links(to: try self.notation.segment("{3-5;4-5}", id: 2)))
        #expect(!first.links(to: try self.notation.segment("{3-5;3-5(1,0)}", id: 2)))
        #expect(!first.links(to: try self.notation.segment("3-5", id: 2)))
    }

    @Test func segmentsWithoutRangesDoNotLink() {
        let empty = Segment(
            id: FileID(rawValue: 1),
            size: .zero,
            lastModified: .epoch,
            ranges: BlockRanges(),
            names: self.notation.names
        )
        #expect(!empty.links(to: empty))
    }

    @Test func rangesAreSortedByNetworkNameNotByTheOrderOfItsAppearance() throws {
        let ranges = try ["zeta", "alpha", "mid"].map {
            try self.notation.range("1-2", network: $0)
        }
        let segment = Segment(
            id: FileID(rawValue: 1),
            size: .zero,
            lastModified: .epoch,
            ranges: BlockRanges(ranges),
            names: self.notation.names
        )
        #expect(
            segment.ranges.map { self.notation.names.name(of: $0.network) }
                == ["alpha", "mid", "zeta"]
        )
    }
}
