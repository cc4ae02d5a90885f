import Testing

@testable import ProgressChain

struct TableSummaryTests {
    private let notation = SegmentNotation()

    private func file(
        _ id: Int64,
        _ start: UInt64,
        _ end: UInt64,
        byteCount: Int64? = nil
    ) throws -> Segment {
        Segment(
            id: FileID(rawValue: id),
            size: try FileSize(objectSize: byteCount),
            lastModified: .epoch,
            range: BlockRange(
                network: try #require(self.notation.names.network(named: "a")),
                start: start,
                end: end,
                hash: .zero,
                previousHash: .zero
            )
        )
    }

    @Test func aTableWithoutFilesHasNoRange() throws {
        let summary = try TableSummary(of: [])
        #expect(summary == .empty)
        #expect(summary.syncedRange == nil)
        #expect(summary.fileCount == 0)
        #expect(summary.totalByteCount == 0)
    }

    @Test func sizesOfCanonicalFilesOnlyAreSummed() throws {
        // The third file is a duplicate of the second; the fourth has no known size.
        let files = [
            try self.file(1, 0, 2, byteCount: 10), try self.file(3, 3, 5, byteCount: 200),
            try self.file(2, 3, 5, byteCount: .max), try self.file(4, 6, 8),
        ]
        let summary = try TableSummary(of: files)
        #expect(summary.totalByteCount == 210)
        #expect(summary.fileCount == 3)
        #expect(summary.syncedRange?.startBlock == 0)
        #expect(summary.syncedRange?.currentBlock == 8)
    }

    @Test func aTotalOfExactly63BitsIsRepresentable() throws {
        let files = [
            try self.file(1, 0, 0, byteCount: .max - 1), try self.file(2, 1, 1, byteCount: 1),
        ]
        #expect(try TableSummary(of: files).totalByteCount == .max)
    }

    @Test func aTotalBeyond63BitsIsAnErrorAndNeverWraps() throws {
        let files = [
            try self.file(1, 0, 0, byteCount: .max), try self.file(2, 1, 1, byteCount: 1),
        ]
        #expect(throws: TableError.totalSizeOverflow) { try TableSummary(of: files) }
        let many = try (0..<5).map { try self.file($0, UInt64($0), UInt64($0), byteCount: .max) }
        #expect(throws: TableError.totalSizeOverflow) { try TableSummary(of: many) }
    }

    @Test(
        "A block number beyond 63 bits is an error that names it",
        arguments: [
            (0, 1 << 63, 1 << 63),
            (0, UInt64.max, UInt64.max),
            (1 << 63, UInt64.max, 1 << 63),
        ] as [(UInt64, UInt64, UInt64)]
    )
    func blockNumbers(_ start: UInt64, _ end: UInt64, _ named: UInt64) throws {
        #expect(throws: TableError.blockNumberOverflow(named)) {
            try TableSummary(of: [try self.file(1, start, end)])
        }
        #expect(TableError.blockNumberOverflow(named).description.contains("\(named)"))
    }

    @Test func theHighestBlockNumberOf63BitsIsRepresentable() throws {
        let summary = try TableSummary(of: [try self.file(1, 0, UInt64(Int64.max))])
        #expect(summary.syncedRange?.currentBlock == .max)
    }

    @Test func aBlockNumberBeyond63BitsOutsideTheChainDoesNoHarm() throws {
        var range = try self.notation.range("5-5(3,3)")
        range.end = .max
        let outside = Segment(
            id: FileID(rawValue: 2),
            size: .zero,
            lastModified: .epoch,
            range: range
        )
        #expect(try TableSummary(of: [try self.file(1, 0, 2), outside]).fileCount == 1)
    }

    @Test func aFileWithoutRangesIsAnErrorWhereverItIs() throws {
        for list in ["{}", "0-2 {}", "{}@9 0-2@1", "0-2 3-5 {} {}"] {
            let files = try self.notation.segments(list)
            let first = files.filter(\.ranges.isEmpty).map(\.id).min()
            let expected = TableError.multipleNetworks(file: try #require(first), rangeCount: 0)
            #expect(throws: expected) { try TableSummary(of: files) }
            #expect(throws: expected) { try TableSummary(of: files.reversed()) }
        }
    }

    @Test func aFileOfTwoNetworksIsAnErrorOnlyInTheChain() throws {
        let canonical = try self.notation.segments("{0-2;0-2} {3-5;3-5}")
        #expect(throws: TableError.multipleNetworks(file: FileID(rawValue: 1), rangeCount: 2)) {
            try TableSummary(of: canonical)
        }
        let beside = try self.notation.segments("0-2 {3-5;3-5}")
        #expect(try TableSummary(of: beside).fileCount == 1)
    }

    @Test("The range of given canonical files")
    func syncedRange() throws {
        #expect(try SyncedRange(of: []) == nil)
        let one = try SyncedRange(of: try self.notation.segments("0-99"))
        #expect(one?.startBlock == 0)
        #expect(one?.currentBlock == 99)
        let two = try SyncedRange(of: try self.notation.segments("0-49 50-99"))
        #expect(two == one)
        let mixed = [
            try self.file(1, 0, 2),
            Segment(
                id: FileID(rawValue: 2),
                size: .zero,
                lastModified: .epoch,
                range: try self.notation.range("3-5", network: "b")
            ),
        ]
        #expect(throws: TableError.multipleNetworks(file: FileID(rawValue: 2), rangeCount: 1)) {
            try SyncedRange(of: mixed)
        }
    }
}
