import ProgressChain
import ProgressRPC

/// Makes the parts of an archive, one after the other; ``ArchiveFormat`` draws them.
struct ArchiveEncoder {
    private var checksum = CRC32C()
    private let names: NetworkNames
    private(set) var blockCount = 0
    private(set) var fileCount = 0

    init(names: NetworkNames) {
        self.names = names
    }

    /// The first part.
    ///
    /// - Throws: ``ArchiveError`` with code `limit` if the database's name is too long.
    mutating func header(_ identity: ArchiveIdentity) throws(ArchiveError) -> [UInt8] {
        let database = Array(identity.database.utf8)
        guard database.count <= ArchiveIdentity.databaseByteLimit else {
            throw ArchiveError(
                .limit,
                "the database's name has \(database.count) bytes; an archive takes "
                    + "\(ArchiveIdentity.databaseByteLimit)"
            )
        }
        var output = ByteOutput()
        output.append(ArchiveFormat.magic)
        output.append(integer: ArchiveFormat.version)
        output.append(integer: UInt32(database.count))
        output.append(integer: identity.systemIdentifier)
        output.append(integer: identity.postmasterStartTime)
        output.append(integer: identity.statisticsStartTime)
        output.append(integer: identity.xmax)
        output.append(database)
        return self.sealed(output)
    }

    /// The next block.
    ///
    /// - Parameter files: At least one, within the limits for a block.
    /// - Throws: ``ArchiveError`` with code `limit` after ``ArchiveFormat/blockLimit`` blocks.
    mutating func block(
        revision: Int64,
        files: [ArchivedFile]
    ) throws(ArchiveError) -> [UInt8] {
        precondition(
            1...ArchiveFormat.fileLimit ~= files.count,
            "a block has 1 to \(ArchiveFormat.fileLimit) files, not \(files.count)"
        )
        guard self.blockCount < ArchiveFormat.blockLimit else {
            throw ArchiveError(
                .limit,
                "the archive needs more than \(ArchiveFormat.blockLimit) blocks"
            )
        }
        let raw = FileColumns.encoded(files, names: self.names)
        let block = LZ4Block.compressed(raw)
        var output = ByteOutput()
        output.reserve(ArchiveFormat.blockHeadByteCount + block.count + 4)
        output.append(integer: ArchiveFormat.blockMark)
        output.append(integer: UInt32(files.count))
        output.append(integer: revision)
        output.append(integer: UInt32(raw.count))
        output.append(integer: UInt32(block.count))
        output.append(block)
        self.blockCount += 1
        self.fileCount += files.count
        return self.sealed(output)
    }

    /// The last part.
    mutating func end() -> [UInt8] {
        var output = ByteOutput()
        output.append(integer: ArchiveFormat.endMark)
        output.append(integer: UInt32(self.blockCount))
        output.append(integer: UInt64(self.fileCount))
        return self.sealed(output)
    }

    /// Appends the checksum, which does not go into those that follow.
    ///
    /// A CRC carried on over its own value always comes out the same, and would chain nothing.
    private mutating func sealed(_ part: ByteOutput) -> [UInt8] {
        var output = part
        self.checksum.update(output.bytes.span)
        output.append(integer: self.checksum.value)
        return output.bytes
    }
}
