import Testing

@testable import ProgressChain

/// What a change and a file cost, counted and not timed.
struct MendedChainCostTests {
    private let network: Network

    init() throws {
        self.network = try #require(NetworkNames().network(named: "a"))
    }

    /// The file of the hundred blocks from `index` * 100.
    private func file(_ index: Int, id: Int? = nil, fork: UInt64 = 0) -> Segment {
        let start = UInt64(index) * 100
        return Segment(
            id: FileID(rawValue: Int64(id ?? index)),
            size: .zero,
            lastModified: .epoch,
            range: BlockRange(
                network: self.network,
                start: start,
                end: start + 99,
                hash: SegmentNotation.hash(of: start + 99, fork: fork),
                previousHash: start == 0 ? .zero : SegmentNotation.hash(of: start - 1, fork: 0)
            )
        )
    }

    private func chain(_ indices: some Sequence<Int>) -> MendedChain {
        var builder = MendedChain.Builder()
        for index in indices { builder.append(self.file(index), version: RowVersion(rawValue: 1)) }
        return builder.finish()
    }

    /// How many files mending looks at for a change.
    private func lookCount(
        _ chain: inout MendedChain,
        _ change: (inout MendedChain) -> Void
    ) -> Int {
        let before = chain.lookCount
        change(&chain)
        return chain.lookCount - before
    }

    @Test func aLoadedFileTakesAtMost116Bytes() throws {
        let fileCount = 100_000
        // In order, and scattered by a stride without a common factor.
        for stride in [1, 7919] {
            let chain = self.chain((0..<fileCount).map { $0 * stride % fileCount })
            #expect(try chain.summary().fileCount == fileCount)
            #expect(chain.byteCount <= 116 * fileCount, "\(chain.byteCount) bytes")
            #expect(chain.byteCount >= 112 * fileCount, "\(chain.byteCount) bytes")
        }
    }

    @Test func aSmallTableIsNotGivenRoomForALargeOne() {
        let chain = self.chain(0..<10)
        #expect(chain.byteCount < 4096)
        #expect(MendedChain().byteCount < 512)
    }

    @Test func anAppendAtTheTipLooksAtFewFiles() throws {
        for fileCount in [1_000, 20_000] {
            var chain = self.chain(0..<fileCount)
            for index in fileCount..<fileCount + 300 {
                let count = self.lookCount(&chain) {
                    $0.insert(self.file(index), version: RowVersion(rawValue: 2))
                }
                #expect(count <= 1)
            }
            #expect(try chain.summary().fileCount == fileCount + 300)
        }
    }

    @Test func aFileInTheMiddleLooksAtFewFilesIfTheChainsMeet() throws {
        for fileCount in [1_000, 20_000] {
            var chain = self.chain(0..<fileCount)
            let middle = fileCount / 2
            // The same blocks again with a higher id, then of another fork with a lower one.
            let double = self.lookCount(&chain) {
                $0.insert(self.file(middle, id: fileCount), version: RowVersion(rawValue: 2))
            }
            #expect(double <= 4)
            let loose = self.lookCount(&chain) {
                $0.insert(self.file(middle, id: -1, fork: 1), version: RowVersion(rawValue: 2))
            }
            #expect(loose <= 4)
            let removal = self.lookCount(&chain) { $0.remove(FileID(rawValue: Int64(middle))) }
            #expect(removal <= 4)
            #expect(try chain.summary().fileCount == fileCount)
        }
    }

    @Test func filesBehindAHoleArePassedByTheChunk() throws {
        let fileCount = 20_000
        // The chain grows from 0 while nearly all files lie behind a hole.
        var chain = self.chain(1_000..<fileCount)
        for index in 0..<300 {
            let count = self.lookCount(&chain) {
                $0.insert(self.file(index, id: fileCount + index), version: .init(rawValue: 2))
            }
            // The new seed ends the old chain, once.
            #expect(count <= (index == 0 ? fileCount : 2 * MendedChain.chunkFileLimit))
            #expect(try chain.summary().fileCount == index + 1)
        }
    }

    @Test func manyRemovalsGiveMemoryBack() throws {
        let fileCount = 20_000
        var chain = self.chain(0..<fileCount)
        for index in 0..<fileCount where index % 100 != 0 {
            chain.remove(FileID(rawValue: Int64(index)))
        }
        #expect(chain.fileCount == fileCount / 100)
        #expect(chain.byteCount < 116 * fileCount / 100 * 5)
    }

    @Test func filesInAnyOrderLeaveChunksAtLeastHalfFullOnAverage() {
        let fileCount = 4_000
        for order in [1, 7919, fileCount - 1] {
            var chain = MendedChain(chunkFileLimit: 16)
            for index in 0..<fileCount {
                let place = index * order % fileCount
                chain.insert(self.file(place), version: RowVersion(rawValue: 1))
            }
            #expect(chain.files.chunks.count <= 2 * fileCount / 16 + 1, "stride \(order)")
        }
    }
}
