import FoundationEssentials
import ProgressChain
import Testing

@testable import ProgressServer

@Suite("What is not an archive is refused")
struct ArchiveDamageTests {
    let fixture: ArchiveFixture
    /// Where the header and the two blocks end.
    let ends: [Int]
    let bytes: [UInt8]

    init() throws {
        self.fixture = try ArchiveFixture()
        var random = RandomArchive(seed: 5, names: self.fixture.names)
        let header = try self.fixture.write([]).byteCount - ArchiveFormat.endByteCount
        let first = try random.chain(2)
        let one = try self.fixture.write([(1, first)]).byteCount - ArchiveFormat.endByteCount
        let two = try self.fixture.write([(1, first), (2, try random.mixture(upTo: 3))])
        self.ends = [header, one, two.byteCount - ArchiveFormat.endByteCount]
        self.bytes = try self.fixture.bytes()
    }

    @Test("Every change of a byte is found")
    func altered() throws {
        #expect(try self.fixture.problem(self.bytes) == nil)
        for place in self.bytes.indices {
            for change: UInt8 in [0x01, 0x02, 0x10, 0x80, 0xFF] {
                var altered = self.bytes
                altered[place] ^= change
                #expect(try self.fixture.problem(altered) != nil, "\(change) at \(place)")
            }
        }
    }

    @Test("Every truncation is found, and every byte too many")
    func truncated() throws {
        for count in self.bytes.indices {
            #expect(try self.fixture.problem(Array(self.bytes[..<count]))?.code == .damaged)
        }
        #expect(try self.fixture.problem(self.bytes + [0])?.code == .damaged)
        #expect(try self.fixture.problem(self.bytes + self.bytes)?.code == .damaged)
    }

    @Test("Blocks that are missing, swapped, doubled or of another archive are found")
    func reordered() throws {
        let header = self.bytes[..<self.ends[0]]
        let one = self.bytes[self.ends[0]..<self.ends[1]]
        let two = self.bytes[self.ends[1]..<self.ends[2]]
        let end = self.bytes[self.ends[2]...]
        #expect(try self.fixture.problem(Array(header + one + two + end)) == nil)
        for parts in [[two], [one], [], [two, one], [one, one, two], [one, two, two]] {
            let bytes = Array(header + parts.joined() + end)
            #expect(try self.fixture.problem(bytes)?.code == .damaged)
        }
        var random = RandomArchive(seed: 6, names: self.fixture.names)
        try self.fixture.write([(1, try random.chain(2))])
        let other = try self.fixture.bytes()[self.ends[0]...].dropLast(ArchiveFormat.endByteCount)
        #expect(try self.fixture.problem(Array(header + one + other + end))?.code == .damaged)
    }

    @Test("Another format is named, not guessed at")
    func versions() throws {
        var future = self.bytes
        future[8] = 2
        let problem = try #require(try self.fixture.problem(future))
        #expect(problem.code == .unsupported)
        #expect(problem.description == "the archive has format 2; this server reads 1")
        #expect(try self.fixture.problem(Array("{\"version\": 1}".utf8))?.code == .damaged)
        #expect(try self.fixture.problem([])?.code == .damaged)
    }

    @Test(
        "Announced numbers are refused one past their limits",
        arguments: [
            (files: 1 << 14, raw: 4 << 20, bytes: 1 << 20, isAllowed: true),
            (1, 255, 1, true),
            ((1 << 14) + 1, 100, 100, false), (0, 100, 100, false),
            (1, (4 << 20) + 1, 1 << 20, false), (1, 256, 1, false), (1, 0, 1, false),
            (1, 100, 0, false), (1, 100, ArchiveFormat.blockByteLimit, true),
            (1, 100, ArchiveFormat.blockByteLimit + 1, false),
            (0xFFFF_FFFF, 0xFFFF_FFFF, 0xFFFF_FFFF, false),
        ]
    )
    func heads(files: Int, raw: Int, bytes: Int, isAllowed: Bool) throws {
        var output = ByteOutput()
        output.append(integer: ArchiveFormat.blockMark)
        output.append(integer: UInt32(files))
        output.append(integer: Int64(1))
        output.append(integer: UInt32(raw))
        output.append(integer: UInt32(bytes))
        let decoder = ArchiveDecoder(names: NetworkNames())
        let head = try? decoder.head(output.bytes)
        #expect((head != nil) == isAllowed)
    }

    @Test("A block that announces more bytes than the file has is refused before it is read")
    func longBlock() throws {
        var hostile = self.bytes
        // The highest byte but one of the first block's length.
        hostile[self.ends[0] + 22] = 0x3F
        let problem = try self.fixture.problem(hostile)
        #expect(problem?.code == .damaged)
        #expect(problem?.description.contains("bytes into a part of") == true)
    }

    @Test("Whatever a block expands to is refused or understood, never trapped on")
    func columns() throws {
        var random = RandomArchive(seed: 8, names: self.fixture.names)
        let files = try random.chain(2) + random.mixture(upTo: 6)
        let raw = FileColumns.encoded(files, names: self.fixture.names)
        func decoded(_ raw: [UInt8], _ count: Int) -> [ArchivedFile]? {
            try? FileColumnsDecoder.files(in: raw, count: count, names: NetworkNames())
        }
        #expect(decoded(raw, files.count)?.count == files.count)
        #expect(decoded(raw, files.count + 1) == nil)
        #expect(decoded(raw + [0], files.count) == nil)
        for count in raw.indices {
            #expect(decoded(Array(raw[..<count]), files.count) == nil)
        }
        for place in raw.indices {
            for change: UInt8 in [0x01, 0x7F, 0x80, 0xFF] {
                var altered = raw
                altered[place] ^= change
                let back = decoded(altered, files.count)
                #expect(back == nil || back?.count == files.count)
            }
        }
    }
}
