import Testing

@testable import ProgressChain

struct MendedChainTests {
    private let notation = SegmentNotation()
    private let version = RowVersion(rawValue: 9)

    private func chain(_ list: String) throws -> MendedChain {
        var chain = MendedChain()
        for segment in try self.notation.segments(list) {
            chain.insert(segment, version: self.version)
        }
        return chain
    }

    private func canonicalIDs(_ chain: MendedChain) -> [Int64] {
        chain.canonicalIDs.map(\.rawValue)
    }

    @Test func aTableWithoutFiles() throws {
        var chain = MendedChain()
        #expect(try chain.summary() == .empty)
        #expect(chain.fileCount == 0)
        #expect(!chain.contains(FileID(rawValue: .min)))
        let isRemoved = chain.remove(FileID(rawValue: .min))
        #expect(!isRemoved)
        var builder = MendedChain.Builder()
        let built = builder.finish()
        #expect(try built.summary() == .empty)
    }

    @Test func aFileThatClosesAGapBringsBackWhatFollows() throws {
        var chain = try self.chain("0-2 6-8 9-9")
        #expect(self.canonicalIDs(chain) == [1])
        #expect(try chain.summary().syncedRange?.currentBlock == 2)
        chain.insert(try self.notation.segment("3-5", id: 4), version: self.version)
        #expect(self.canonicalIDs(chain) == [1, 4, 2, 3])
        #expect(try chain.summary().syncedRange?.currentBlock == 9)
        chain.remove(FileID(rawValue: 4))
        #expect(self.canonicalIDs(chain) == [1])
        #expect(try chain.summary().fileCount == 1)
    }

    @Test func aCompactedFileTakesThePlaceOfThoseThatItHolds() throws {
        var chain = try self.chain("0-2 3-5 6-8 9-9")
        chain.insert(try self.notation.segment("3-8@1", id: 5), version: self.version)
        #expect(self.canonicalIDs(chain) == [1, 5, 4])
        let summary = try chain.summary()
        chain.remove(FileID(rawValue: 2))
        chain.remove(FileID(rawValue: 3))
        #expect(self.canonicalIDs(chain) == [1, 5, 4])
        #expect(try chain.summary() == summary)
    }

    @Test func aNewSeedEndsTheOldChain() throws {
        var chain = try self.chain("5-6 7-8")
        chain.insert(try self.notation.segment("1-2", id: 3), version: self.version)
        #expect(self.canonicalIDs(chain) == [3])
        chain.remove(FileID(rawValue: 3))
        #expect(self.canonicalIDs(chain) == [1, 2])
    }

    @Test func aNewRowOfTheSameFileKeepsTheChain() throws {
        var chain = try self.chain("0-2 3-5 6-8")
        let lookCount = chain.lookCount
        let size = try FileSize(objectSize: 44)
        let file = try self.notation.segment("3-5", id: 2).with(size: size)
        chain.insert(file, version: RowVersion(rawValue: 10))
        #expect(self.canonicalIDs(chain) == [1, 2, 3])
        #expect(try chain.summary().totalByteCount == 44)
        #expect(chain.lookCount - lookCount <= 1)
        var versions: [UInt32] = []
        chain.forEachRow { versions.append($1.rawValue) }
        #expect(versions == [9, 10, 9])
    }

    @Test func aFileOfTheSameIDMayBeAnotherFile() throws {
        var chain = try self.chain("0-2 3-5 6-8")
        chain.insert(try self.notation.segment("3-5(0,1)", id: 2), version: self.version)
        #expect(self.canonicalIDs(chain) == [1, 2])
        chain.insert(try self.notation.segment("9-9", id: 2), version: self.version)
        #expect(self.canonicalIDs(chain) == [1])
        chain.insert(try self.notation.segment("3-5@7", id: 2), version: self.version)
        #expect(self.canonicalIDs(chain) == [1, 2, 3])
        #expect(chain.fileCount == 3)
    }

    @Test func aFileMayGainAndLoseItsSecondNetwork() throws {
        var chain = try self.chain("0-2 3-5")
        chain.insert(try self.notation.segment("{3-5;3-5}", id: 2), version: self.version)
        #expect(try chain.summary().fileCount == 1)
        chain.insert(try self.notation.segment("{0-0;0-0}@9", id: 3), version: self.version)
        #expect(throws: TableError.multipleNetworks(file: FileID(rawValue: 3), rangeCount: 2)) {
            try chain.summary()
        }
        chain.insert(try self.notation.segment("{}", id: 2), version: self.version)
        #expect(throws: TableError.multipleNetworks(file: FileID(rawValue: 2), rangeCount: 0)) {
            try chain.summary()
        }
        chain.insert(try self.notation.segment("3-5", id: 2), version: self.version)
        let isRemoved = chain.remove(FileID(rawValue: 3))
        #expect(isRemoved)
        #expect(try chain.summary().fileCount == 2)
        #expect(chain.fileCount == 2)
    }

    @Test func aTotalBeyond63BitsEndsWithTheFilesThatMadeIt() throws {
        var chain = MendedChain()
        let largest = try FileSize(objectSize: .max)
        for file in try self.notation.segments("0-0 1-1 2-2 3-3 4-4") {
            chain.insert(file.with(size: largest), version: self.version)
        }
        for id in (2...5).reversed() as ReversedCollection<ClosedRange<Int64>> {
            #expect(throws: TableError.totalSizeOverflow) { try chain.summary() }
            chain.remove(FileID(rawValue: id))
        }
        #expect(try chain.summary().totalByteCount == .max)
    }

    @Test func aBlockNumberBeyond63BitsEndsWithItsFile() throws {
        var chain = try self.chain("0-2 3-5")
        let range = try self.notation.range("6-6")
        for (start, end) in [(6, .max), (.max, .max), (.max, 1 << 63)] as [(UInt64, UInt64)] {
            let far = Segment(
                id: FileID(rawValue: .max),
                size: .zero,
                lastModified: .epoch,
                range: BlockRange(
                    network: range.network,
                    start: start,
                    end: end,
                    hash: range.hash,
                    previousHash: range.previousHash
                )
            )
            chain.insert(far, version: self.version)
            #expect(throws: TableError.blockNumberOverflow(end)) { try chain.summary() }
            chain.remove(far.id)
            #expect(try chain.summary().syncedRange?.currentBlock == 5)
        }
    }

    @Test func aCopyKeepsItsNumbers() throws {
        var chain = try self.chain("0-2 3-5")
        let copy = chain
        #expect(try copy.summary().fileCount == 2)
        chain.remove(FileID(rawValue: 2))
        #expect(try chain.summary().fileCount == 1)
        #expect(try copy.summary().fileCount == 2)
        #expect(copy.contains(FileID(rawValue: 2)))
    }

    @Test("The vectors, file by file", arguments: try ChainVector.all())
    func vectors(_ vector: ChainVector) throws {
        let files = try vector.segments(byteCount: 7, names: self.notation.names)
        for files in [files, files.reversed()] {
            var table = MendedTable(chunkFileLimit: 2)
            for file in files {
                table.insert(file)
                table.check("after file \(file.id)")
            }
            if case .bounds(let bounds) = vector.expect.synced_range {
                let summary = try table.chain.summary()
                let range = try #require(summary.syncedRange)
                #expect([range.startBlock, range.currentBlock] == bounds)
                #expect(summary.fileCount == vector.expect.files_count)
                #expect(self.canonicalIDs(table.chain) == vector.expect.canonical)
            }
        }
    }
}
