import ProgressChain
import Testing

@testable import ProgressServer

@Suite("What was archived comes back")
struct ArchiveRoundTripTests {
    @Test("Any files of any revisions, in a process with other networks", arguments: 0..<12)
    func random(seed: Int) throws {
        let fixture = try ArchiveFixture()
        var random = RandomArchive(seed: UInt64(seed), names: fixture.names)
        var revisions: [(Int64, [ArchivedFile])] = [(.min, []), (.max, []), (0, [])]
        for revision in 1...Int64(5) { revisions.append((revision * -7, [])) }
        for place in revisions.indices { revisions[place].1 = try random.mixture(upTo: 60) }
        let tally = try fixture.write(revisions)
        #expect(tally.fileCount == revisions.map(\.1.count).reduce(0, +))
        #expect(tally.leftOutCount == 0)
        #expect(tally.byteCount == (try fixture.bytes()).count)

        let back = try #require(try fixture.read())
        for (revision, files) in revisions {
            #expect(back[revision] == (files.isEmpty ? nil : fixture.named(files)))
        }
        #expect(back.count == revisions.filter { !$0.1.isEmpty }.count)
    }

    @Test("The smallest and the largest of every number")
    func extremes() throws {
        let fixture = try ArchiveFixture()
        let network = try #require(fixture.names.network(named: "m"))
        func file(_ id: Int64, _ size: Int64, _ time: FileTime, _ version: UInt32, _ end: UInt64)
            throws -> ArchivedFile
        {
            let hash = BlockHash(words: .max, 0, .max, UInt64(version))
            let range = BlockRange(
                network: network,
                start: .max - end,
                end: end,
                hash: end == 0 ? .zero : hash,
                previousHash: end == 0 ? nil : .zero
            )
            return ArchivedFile(
                segment: Segment(
                    id: FileID(rawValue: id),
                    size: try FileSize(objectSize: size),
                    lastModified: time,
                    range: range
                ),
                rowVersion: RowVersion(rawValue: version)
            )
        }
        let last = FileTime(seconds: FileTime.lastSecond, nanoseconds: 999_999_999)
        let files = [
            try file(.max, .max, last, .max, .max),
            try file(.min, 0, .epoch, 0, 0),
            try file(.max, .max, last, .max, .max),
        ]
        try fixture.write([(.min, files)])
        #expect(try fixture.read() == [.min: fixture.named(files)])
    }

    @Test("An archive without files")
    func empty() throws {
        let fixture = try ArchiveFixture()
        let tally = try fixture.write([(1, [])])
        #expect(tally.blockCount == 0)
        #expect(try fixture.read() == [:])
    }

    @Test("100,000 files take under 46 bytes each, in blocks of bounded size")
    func many() throws {
        let fixture = try ArchiveFixture()
        var random = RandomArchive(seed: 1, names: fixture.names)
        let files = try random.chain(100_000)
        let tally = try fixture.write([(9, files)])
        #expect(tally.blockCount == 7)
        // 32 are the hash, 4 the nanoseconds and 4 the size, in which nothing repeats.
        #expect(tally.byteCount < 46 * files.count)

        var next = 0
        var largest = 0
        let back = try fixture.store.read(for: ArchiveFixture.identity, names: fixture.names) {
            revision,
            block in
            #expect(revision == 9)
            #expect(block.elementsEqual(files[next..<min(next + block.count, files.count)]))
            next += block.count
            largest = max(largest, block.count)
        }
        #expect(back == tally)
        #expect(next == files.count)
        #expect(largest == ArchiveFormat.fileLimit)
    }

    @Test("A chain needs one hash a file, whichever way it is ordered and with others between")
    func neighbours() throws {
        let names = NetworkNames()
        var random = RandomArchive(seed: 3, names: names)
        let chains = [try random.chain(300), try random.chain(300), try random.chain(300)]
        let woven = (0..<300).flatMap { place in chains.map { $0[place] } }
        for (files, chainCount) in [(chains[0], 1), (chains[0].reversed(), 1), (woven, 3)] {
            var references = HashReferences()
            for range in files.flatMap(\.segment.ranges) {
                let hash = references.reference(to: range.hash)
                let previous = references.reference(to: range.previousHash)
                // No further back than one file of each chain: one byte each.
                #expect(max(hash, previous) <= 2 + 2 * UInt64(chainCount))
            }
            #expect(references.hashes.count == files.count + chainCount)
        }
    }
}
