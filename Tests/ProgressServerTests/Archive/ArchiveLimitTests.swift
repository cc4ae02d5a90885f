import ProgressChain
import Testing

@testable import ProgressServer

@Suite("The limits of an archive")
struct ArchiveLimitTests {
    func file(rangeCount: Int, _ names: NetworkNames) throws -> ArchivedFile {
        let network = try #require(names.network(named: "mainnet"))
        let range = BlockRange(network: network, start: 1, end: 2, hash: .zero, previousHash: nil)
        return ArchivedFile(
            segment: Segment(
                id: FileID(rawValue: 1),
                size: .zero,
                lastModified: .epoch,
                ranges: BlockRanges(Array(repeating: range, count: rangeCount)),
                names: names
            ),
            rowVersion: RowVersion(rawValue: 3)
        )
    }

    @Test("The limits of files, ranges and names keep a block within its bytes")
    func rawBytes() {
        #expect(ArchiveFormat.largestRawByteCount <= ArchiveFormat.rawByteLimit)
    }

    @Test("One file more than a block takes goes into the next")
    func files() throws {
        let fixture = try ArchiveFixture()
        let file = try self.file(rangeCount: 1, fixture.names)
        for (count, blockCount) in [(ArchiveFormat.fileLimit, 1), (ArchiveFormat.fileLimit + 1, 2)]
        {
            let tally = try fixture.write([(1, Array(repeating: file, count: count))])
            #expect(tally.blockCount == blockCount)
            #expect(try fixture.read()?[1]?.count == count)
        }
    }

    @Test("Ranges beyond a block go into the next; a file of more than a block is left out")
    func ranges() throws {
        let fixture = try ArchiveFixture()
        let limit = ArchiveFormat.rangeLimit
        let one = try self.file(rangeCount: 1, fixture.names)
        let largest = try self.file(rangeCount: limit, fixture.names)
        let tooLarge = try self.file(rangeCount: limit + 1, fixture.names)
        let tally = try fixture.write([(1, [one, largest, tooLarge, one])])
        #expect(tally.blockCount == 3)
        #expect(tally.fileCount == 3)
        #expect(tally.leftOutCount == 1)
        #expect(try fixture.read()?[1]?.map(\.ranges.count) == [1, limit, 1])

        let raw = FileColumns.encoded([tooLarge], names: fixture.names)
        let problem = #expect(throws: ArchiveError.self) {
            try FileColumnsDecoder.files(in: raw, count: 1, names: fixture.names)
        }
        #expect(problem?.code == .damaged)
    }

    @Test("One block more than an archive takes is refused by both ends")
    func blocks() throws {
        let fixture = try ArchiveFixture()
        let files = [try self.file(rangeCount: 0, fixture.names)]
        let limit = ArchiveFormat.blockLimit
        var full = ArchiveTally()
        var problem: ArchiveError?
        _ = try fixture.store.write(ArchiveFixture.identity, names: fixture.names) {
            writer throws(ArchiveError) in
            for revision in 0..<Int64(limit) {
                try writer.append(revision: revision, files: files)
            }
            full = writer.tally
            do throws(ArchiveError) {
                try writer.append(revision: -1, files: files)
            } catch {
                problem = error
            }
        }
        #expect(full.blockCount == limit)
        #expect(problem?.code == .limit)
        #expect(try fixture.read()?.count == limit)

        // Another block where the end is: its number is looked at before its bytes.
        var bytes = try fixture.bytes()
        bytes[bytes.count - ArchiveFormat.endByteCount] = UInt8(ArchiveFormat.blockMark)
        let found = try #require(try fixture.problem(bytes))
        #expect(found.description.hasSuffix("it has more than \(limit) blocks"))
    }

    @Test("Networks beyond those that a process takes are refused")
    func networks() throws {
        let fixture = try ArchiveFixture()
        try fixture.write([(1, [try self.file(rangeCount: 1, fixture.names)])])
        for free in [1, 0] {
            let names = NetworkNames()
            for number in 0..<NetworkNames.nameLimit - free {
                _ = names.network(named: "\(number)")
            }
            let tally = try? fixture.store.read(for: ArchiveFixture.identity, names: names) {
                _,
                _ in
            }
            #expect((tally?.fileCount == 1) == (free == 1))
        }
    }

    @Test("Names one past their length or number are refused", arguments: [0, 1])
    func names(excess: Int) {
        var long = ByteOutput()
        long.append(number: 1)
        long.append(number: UInt64(NetworkNames.nameByteLimit + excess))
        long.append(Array(repeating: UInt8(ascii: "n"), count: NetworkNames.nameByteLimit + excess))
        var many = ByteOutput()
        many.append(number: UInt64(NetworkNames.nameLimit + excess))
        for number in 0..<NetworkNames.nameLimit + excess {
            let name = Array("\(number)".utf8)
            many.append(number: UInt64(name.count))
            many.append(name)
        }
        for output in [long, many] {
            // No files follow.
            let files = try? FileColumnsDecoder.files(
                in: output.bytes,
                count: 0,
                names: NetworkNames()
            )
            #expect((files != nil) == (excess == 0))
        }
    }

    @Test("A database's name one past its length is refused")
    func databaseName() throws {
        let fixture = try ArchiveFixture()
        var identity = ArchiveFixture.identity
        identity.database = String(repeating: "d", count: ArchiveIdentity.databaseByteLimit)
        _ = try fixture.store.write(identity, names: fixture.names) { _ in }
        #expect(try fixture.read(for: identity) == [:])
        identity.database += "d"
        #expect(throws: ArchiveError.self) {
            try fixture.store.write(identity, names: fixture.names) { _ in }
        }
    }

    @Test("An archive one byte past the limit is neither written nor read")
    func bytes() throws {
        let wide = try ArchiveFixture()
        let revisions = [(Int64(1), [try self.file(rangeCount: 1, wide.names)])]
        let byteCount = try wide.write(revisions).byteCount
        let bytes = try wide.bytes()

        let exact = try ArchiveFixture(byteLimit: byteCount)
        _ = exact.names.network(named: "mainnet")
        try exact.write(revisions)
        #expect(exact.problem() == nil)

        let narrow = try ArchiveFixture(byteLimit: byteCount - 1)
        _ = narrow.names.network(named: "mainnet")
        let problem = #expect(throws: ArchiveError.self) { try narrow.write(revisions) }
        #expect(problem?.code == .limit)
        #expect(try narrow.problem(bytes)?.code == .limit)
    }
}
