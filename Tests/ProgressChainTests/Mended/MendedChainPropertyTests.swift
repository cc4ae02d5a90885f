import Testing

@testable import ProgressChain

/// Any changes, in any order, give what all files give at once; checked after every change.
@Suite("Random changes, by seed")
struct MendedChainPropertyTests {
    /// Numbers of blocks that move small numbers to where 63 or 64 bits end.
    private static let shifts: [UInt64] = [0, 0, 0, 1 << 63 - 6, .max - 9]

    private static func sizes() throws -> [FileSize] {
        try [0, 1, 7, 4096, .max - 1, .max].map { try FileSize(objectSize: $0) }
    }

    @Test("Few blocks, where everything coincides", arguments: ChainPropertyTests.mixes)
    func coincidences(_ mix: [Int]) throws {
        let sizes = try Self.sizes()
        var errorCount = 0
        for seed in UInt64(0)..<30 {
            var random = RandomFiles(seed: seed, names: NetworkNames())
            let pool = random.files(upTo: 40, rangeCounts: mix)
            let shift = Self.shifts[Int(seed) % Self.shifts.count]
            // Sizes that overflow would hide other differences if all tables had them.
            let sizeCount = seed % 3 == 0 ? sizes.count : 4
            var table = MendedTable(chunkFileLimit: 2 + Int(seed % 4))
            for step in 0..<60 {
                guard let file = pool.randomElement(using: &random.generator) else { continue }
                let id = Int64.random(in: 1...40, using: &random.generator)
                if Int.random(in: 0..<3, using: &random.generator) == 0 {
                    table.remove(FileID(rawValue: id))
                } else {
                    // Half of the files take the id of another, which may be there.
                    let isOther = Bool.random(using: &random.generator)
                    let size = Int.random(in: 0..<sizeCount, using: &random.generator)
                    table.insert(
                        file.with(
                            id: isOther ? FileID(rawValue: id) : nil,
                            size: sizes[size],
                            shift: shift
                        )
                    )
                }
                table.check("seed \(seed), step \(step)")
                errorCount += (try? table.chain.summary()) == nil ? 1 : 0
            }
        }
        #expect(errorCount > 50, "too few errors to mean anything")
    }

    @Test("A table that grows, is compacted and cleaned", arguments: [2, 3, 8, 256])
    func growth(chunkFileLimit: Int) throws {
        var longest = 0
        for seed in UInt64(0)..<6 {
            var random = try #require(RandomTable(seed: seed, names: NetworkNames()))
            var table = MendedTable(chunkFileLimit: chunkFileLimit)
            var removed: [Segment] = []
            for step in 0..<120 {
                // First it grows, then as much goes as comes, then all goes.
                let removalShare = step < 50 ? 1 : step < 90 ? 5 : 9
                if Int.random(in: 0..<10, using: &random.generator) < removalShare {
                    let ids = table.files.keys.sorted()
                    if let id = ids.randomElement(using: &random.generator) {
                        table.files[id].map { removed.append($0) }
                        table.remove(id)
                    }
                } else if Int.random(in: 0..<5, using: &random.generator) == 0,
                    let file = removed.randomElement(using: &random.generator)
                {
                    table.insert(file)
                } else {
                    table.insert(random.file())
                }
                table.check("seed \(seed), step \(step)")
                longest = max(longest, table.chain.canonicalIDs.count)
            }
            for id in table.files.keys.sorted() { table.remove(id) }
            table.check("seed \(seed), at the end")
            #expect(table.chain.files.chunks.isEmpty)
        }
        #expect(longest > 12, "too short chains to mean anything")
    }

    @Test("A chain built at once is the chain built by changes", arguments: [2, 5, 256])
    func builder(chunkFileLimit: Int) throws {
        for seed in UInt64(0)..<25 {
            var random = RandomFiles(seed: seed, names: NetworkNames())
            let rangeCounts = seed % 5 == 0 ? [1, 1, 1, 2, 0] : [1]
            let files = random.files(upTo: 60, rangeCounts: rangeCounts)
            var table = MendedTable(chunkFileLimit: chunkFileLimit)
            var builder = MendedChain.Builder(chunkFileLimit: chunkFileLimit)
            for (index, file) in files.enumerated() {
                table.insert(file)
                builder.append(file, version: RowVersion(rawValue: UInt32(index)))
            }
            #expect(builder.fileCount == files.count)
            let chain = builder.finish()
            #expect(chain.canonicalIDs == table.chain.canonicalIDs, "seed \(seed)")
            let built = Result { () throws(TableError) in try chain.summary() }
            let changed = Result { () throws(TableError) in try table.chain.summary() }
            #expect(built == changed, "seed \(seed)")
            let isPacked = chain.files.chunks.dropLast().allSatisfy { $0.count == chunkFileLimit }
            #expect(isPacked, "seed \(seed)")
            var contents: [Segment] = []
            chain.forEach { segment, version in
                contents.append(segment)
                #expect(files[Int(version.rawValue)] == segment)
            }
            #expect(contents.count == files.count, "seed \(seed)")
        }
    }
}
