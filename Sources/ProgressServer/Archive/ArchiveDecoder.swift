import ProgressChain
import ProgressRPC

/// Takes the parts of an archive, one after the other; ``ArchiveFormat`` draws them.
///
/// Lengths are checked where they are announced, so that whoever reads may allocate what is asked for.
struct ArchiveDecoder {
    private var checksum = CRC32C()
    private let names: NetworkNames
    private(set) var blockCount = 0
    private(set) var fileCount = 0

    /// What follows the 24 bytes of a block's head.
    struct BlockHead: Equatable {
        var revision: Int64
        var fileCount: Int
        var rawByteCount: Int
        var byteCount: Int
    }

    /// What a part begins with.
    enum Mark: Equatable {
        case block
        case end
    }

    init(names: NetworkNames) {
        self.names = names
    }

    /// Takes the first ``ArchiveFormat/headerByteCount`` bytes.
    ///
    /// - Returns: The number of bytes of the database's name, which follows before the checksum.
    /// - Throws: ``ArchiveError`` with code `damaged` or `unsupported`; so do all methods.
    func nameByteCount(_ header: [UInt8]) throws(ArchiveError) -> Int {
        var input = ByteInput(header)
        guard try input.bytes(ArchiveFormat.magic.count).elementsEqual(ArchiveFormat.magic) else {
            throw .damaged("its first bytes are not those of an archive")
        }
        let version = try input.integer(UInt32.self)
        guard version == ArchiveFormat.version else {
            throw ArchiveError(
                .unsupported,
                "the archive has format \(version); this server reads \(ArchiveFormat.version)"
            )
        }
        let byteCount = Int(try input.integer(UInt32.self))
        guard byteCount <= ArchiveIdentity.databaseByteLimit else {
            throw .damaged(
                "the database's name has \(byteCount) bytes; the limit is "
                    + "\(ArchiveIdentity.databaseByteLimit)"
            )
        }
        return byteCount
    }

    /// Takes the whole header.
    mutating func identity(_ header: [UInt8]) throws(ArchiveError) -> ArchiveIdentity {
        let nameByteCount = try self.nameByteCount(header)
        try self.verify(header, "header")
        var input = ByteInput(header)
        // Magic, version and length were looked at.
        _ = try input.bytes(16)
        let systemIdentifier = try input.integer(UInt64.self)
        let startTime = try input.integer(Int64.self)
        let statisticsStartTime = try input.integer(Int64.self)
        let xmax = try input.integer(UInt64.self)
        let name = try input.bytes(nameByteCount)
        guard let database = String(validating: name, as: UTF8.self) else {
            throw .damaged("the database's name is not UTF-8")
        }
        return ArchiveIdentity(
            systemIdentifier: systemIdentifier,
            database: database,
            postmasterStartTime: startTime,
            statisticsStartTime: statisticsStartTime,
            xmax: xmax
        )
    }

    /// Takes the first four bytes of a part.
    func mark(_ bytes: [UInt8]) throws(ArchiveError) -> Mark {
        var input = ByteInput(bytes)
        let mark = try input.integer(UInt32.self)
        switch mark {
        case ArchiveFormat.blockMark:
            guard self.blockCount < ArchiveFormat.blockLimit else {
                throw .damaged("it has more than \(ArchiveFormat.blockLimit) blocks")
            }
            return .block
        case ArchiveFormat.endMark: return .end
        default: throw .damaged("a part begins with \(mark); 1 and 2 are known")
        }
    }

    /// Takes a block's head.
    func head(_ bytes: [UInt8]) throws(ArchiveError) -> BlockHead {
        var input = ByteInput(bytes)
        _ = try input.integer(UInt32.self)
        let fileCount = Int(try input.integer(UInt32.self))
        let revision = try input.integer(Int64.self)
        let rawByteCount = Int(try input.integer(UInt32.self))
        let byteCount = Int(try input.integer(UInt32.self))
        guard 1...ArchiveFormat.fileLimit ~= fileCount else {
            throw .damaged("a block has \(fileCount) files; it may have \(ArchiveFormat.fileLimit)")
        }
        guard 1...ArchiveFormat.blockByteLimit ~= byteCount else {
            throw .damaged(
                "a block has \(byteCount) bytes; it may have \(ArchiveFormat.blockByteLimit)"
            )
        }
        let rawLimit = min(ArchiveFormat.rawByteLimit, LZ4Block.largestRatio * byteCount)
        guard 1...rawLimit ~= rawByteCount else {
            throw .damaged("a block announces \(rawByteCount) raw bytes; it may have \(rawLimit)")
        }
        return BlockHead(
            revision: revision,
            fileCount: fileCount,
            rawByteCount: rawByteCount,
            byteCount: byteCount
        )
    }

    /// Takes a whole block whose head was `head`.
    mutating func files(
        _ head: BlockHead,
        _ bytes: [UInt8]
    ) throws(ArchiveError) -> [ArchivedFile] {
        try self.verify(bytes, "block \(self.blockCount)")
        let block = bytes[ArchiveFormat.blockHeadByteCount...]
            .dropLast(ArchiveFormat.checksumByteCount)
        guard let raw = LZ4Block.decompressed(block, rawCount: head.rawByteCount) else {
            throw .damaged("a block does not give its \(head.rawByteCount) bytes")
        }
        let files = try FileColumnsDecoder.files(
            in: raw,
            count: head.fileCount,
            names: self.names
        )
        self.blockCount += 1
        self.fileCount += files.count
        return files
    }

    /// Takes the whole end.
    mutating func end(_ bytes: [UInt8]) throws(ArchiveError) {
        try self.verify(bytes, "end")
        var input = ByteInput(bytes)
        _ = try input.integer(UInt32.self)
        let blockCount = try input.integer(UInt32.self)
        let fileCount = try input.integer(UInt64.self)
        guard blockCount == UInt32(self.blockCount), fileCount == UInt64(self.fileCount) else {
            throw .damaged(
                "it has \(self.blockCount) blocks and \(self.fileCount) files where "
                    + "\(blockCount) and \(fileCount) are announced"
            )
        }
    }

    /// Checks the checksum at the end of a part.
    private mutating func verify(_ part: [UInt8], _ noun: String) throws(ArchiveError) {
        let end = part.count - ArchiveFormat.checksumByteCount
        guard end >= 0 else { throw .damaged("its \(noun) has \(part.count) bytes") }
        self.checksum.update(part.span.extracting(0..<end))
        var input = ByteInput(Array(part[end...]))
        let announced = try input.integer(UInt32.self)
        guard announced == self.checksum.value else {
            throw .damaged("the checksum of its \(noun) does not match")
        }
    }
}
