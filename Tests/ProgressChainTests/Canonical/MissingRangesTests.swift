import Testing

@testable import ProgressChain

struct MissingRangesTests {
    private let notation = SegmentNotation()

    /// Files from `0-3 5-7`, where the parent and the hash of the i-th are of fork i.
    private func files(_ list: String) throws -> [Segment] {
        try list.split(separator: " ").enumerated().map { index, blocks in
            try self.notation.segment("\(blocks)(\(index),\(index))", id: Int64(index + 1))
        }
    }

    private func missing(_ wanted: ClosedRange<UInt64>, _ files: [Segment]) throws -> String {
        let ranges = try MissingRanges(of: wanted, in: files).ranges
        return ranges.map { "\($0.lowerBound)-\($0.upperBound)" }.joined(separator: " ")
    }

    @Test(
        "Missing blocks of the upstream scenarios",
        arguments: [
            ("", 0...10, "0-10"),
            ("0-10", 0...10, ""),
            ("0-5", 10...15, "10-15"),
            ("3-7", 0...10, "0-2 8-10"),
            ("0-15", 5...10, ""),
            ("5-15", 0...10, "0-4"),
            ("0-5", 0...10, "6-10"),
            ("0-5 8-8", 0...10, "6-7 9-10"),
            ("1-2 4-4 8-9", 0...10, "0-0 3-3 5-7 10-10"),
            ("0-8 2-4", 0...10, "9-10"),
            ("0-3 5-7", 0...10, "4-4 8-10"),
            ("0-3 2-5 4-7", 0...10, "0-3 8-10"),
            ("0-2 1-3", 0...3, "0-0"),
            ("0-2 2-3", 0...2, "0-1"),
            ("0-3 5-7 2-12", 0...15, "0-1 13-15"),
            ("0-5 3-8", 0...7, "0-2"),
            ("0-20 10-30", 12...18, ""),
            ("0-5 3-8", 2...7, "2-2"),
        ] as [(String, ClosedRange<UInt64>, String)]
    )
    func upstream(_ list: String, _ wanted: ClosedRange<UInt64>, _ expected: String) throws {
        #expect(try self.missing(wanted, try self.files(list)) == expected)
    }

    @Test func allBlockNumbersCanBeWanted() throws {
        let all = UInt64.min...UInt64.max
        #expect(try self.missing(all, []) == "0-18446744073709551615")
        #expect(try self.missing(all, try self.files("3-5")) == "0-2 6-18446744073709551615")
        let network = try #require(self.notation.names.network(named: "a"))
        let last = Segment(
            id: FileID(rawValue: 1),
            size: .zero,
            lastModified: .epoch,
            range: BlockRange(
                network: network,
                start: 7,
                end: .max,
                hash: .zero,
                previousHash: nil
            )
        )
        #expect(try self.missing(all, [last]) == "0-6")
        #expect(try self.missing(UInt64.max...UInt64.max, [last]) == "")
    }

    @Test func aRangeThatEndsBeforeItStartsCoversNothing() throws {
        let network = try #require(self.notation.names.network(named: "a"))
        let inverted = Segment(
            id: FileID(rawValue: 1),
            size: .zero,
            lastModified: .epoch,
            range: BlockRange(network: network, start: 5, end: 2, hash: .zero, previousHash: nil)
        )
        #expect(try self.missing(0...9, [inverted]) == "0-9")
    }

    @Test func filesOfSeveralNetworksAreRefused() throws {
        for (list, rangeCount) in [("0-2 {3-5;3-5}", 2), ("0-2 {}", 0)] {
            #expect(
                throws: TableError.multipleNetworks(
                    file: FileID(rawValue: 2),
                    rangeCount: rangeCount
                )
            ) {
                try MissingRanges(of: 0...9, in: try self.notation.segments(list))
            }
        }
    }
}
