import Testing

@testable import ProgressChain

@Suite("Vectors/chains.json")
struct ChainVectorTests {
    private let names = NetworkNames()

    @Test func thereAreAllTwentySevenCases() throws {
        #expect(try ChainVector.all().count == 27)
    }

    @Test("The canonical chain is as specified", arguments: try ChainVector.all())
    func canonicalChain(_ vector: ChainVector) throws {
        let chain = CanonicalChain(of: try vector.segments(byteCount: 1, names: self.names))
        #expect(chain?.segments.map(\.id.rawValue) == vector.expect.canonical)
        #expect((chain?.segments.count ?? 0) == vector.expect.files_count)
    }

    @Test("The fork is as specified", arguments: try ChainVector.all())
    func fork(_ vector: ChainVector) throws {
        let chain = CanonicalChain(of: try vector.segments(byteCount: 1, names: self.names))
        let fork = chain.flatMap(Fork.init(beside:))
        #expect(fork?.segments.map(\.id.rawValue) == vector.expect.fork)
    }

    @Test("The table's numbers are as specified", arguments: try ChainVector.all())
    func summary(_ vector: ChainVector) throws {
        let files = try vector.segments(byteCount: 7, names: self.names)
        switch vector.expect.synced_range {
        case nil:
            #expect(try TableSummary(of: files) == .empty)
        case .bounds(let bounds):
            let summary = try TableSummary(of: files)
            let range = try #require(summary.syncedRange)
            #expect([range.startBlock, range.currentBlock] == bounds)
            #expect(summary.fileCount == vector.expect.files_count)
            #expect(summary.totalByteCount == 7 * Int64(vector.expect.files_count))
        case .error(let code):
            #expect(code == "MULTI_NETWORK_SEGMENTS_ERROR")
            let first = try #require(vector.expect.canonical?.first)
            #expect(
                throws: TableError.multipleNetworks(file: FileID(rawValue: first), rangeCount: 2)
            ) {
                try TableSummary(of: files)
            }
        }
    }
}
