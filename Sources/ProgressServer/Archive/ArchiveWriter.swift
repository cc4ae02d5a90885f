import ProgressChain

/// Writes the files of the revisions, one revision after the other; ``ArchiveStore`` makes it.
///
/// Holds at most one block: under 20 MB.
struct ArchiveWriter: ~Copyable {
    private let file: ArchiveFile
    private let byteLimit: Int
    private var encoder: ArchiveEncoder
    /// What was written so far.
    private(set) var tally = ArchiveTally()

    init(
        to file: consuming ArchiveFile,
        identity: ArchiveIdentity,
        names: NetworkNames,
        byteLimit: Int
    ) throws(ArchiveError) {
        self.file = file
        self.byteLimit = byteLimit
        self.encoder = ArchiveEncoder(names: names)
        try self.write(try self.encoder.header(identity), reserve: ArchiveFormat.endByteCount)
    }

    /// Appends files of a revision.
    ///
    /// Any order is kept; in the order of the blocks or of the ids they take the least room. A file of
    /// more than ``ArchiveFormat/rangeLimit`` ranges is left out, and a revision without files: the
    /// database is asked for what an archive does not hold.
    ///
    /// - Parameter files: Their networks are of the names that the archive is written with.
    /// - Throws: ``ArchiveError`` if the disk takes no more or a limit is reached.
    mutating func append(
        revision: Int64,
        files: some Sequence<ArchivedFile>
    ) throws(ArchiveError) {
        var block: [ArchivedFile] = []
        var rangeCount = 0
        for file in files {
            let count = file.segment.ranges.count
            guard count <= ArchiveFormat.rangeLimit else {
                self.tally.leftOutCount += 1
                continue
            }
            if block.count == ArchiveFormat.fileLimit
                || rangeCount + count > ArchiveFormat.rangeLimit
            {
                try self.append(revision, block)
                block.removeAll(keepingCapacity: true)
                rangeCount = 0
            }
            block.append(file)
            rangeCount += count
        }
        if !block.isEmpty { try self.append(revision, block) }
    }

    /// Writes the end and makes all of it last.
    mutating func finish() throws(ArchiveError) {
        try self.write(self.encoder.end(), reserve: 0)
        try self.file.synchronize()
    }

    private mutating func append(
        _ revision: Int64,
        _ files: [ArchivedFile]
    ) throws(ArchiveError) {
        let block = try self.encoder.block(revision: revision, files: files)
        try self.write(block, reserve: ArchiveFormat.endByteCount)
        self.tally.blockCount = self.encoder.blockCount
        self.tally.fileCount = self.encoder.fileCount
    }

    private mutating func write(_ bytes: [UInt8], reserve: Int) throws(ArchiveError) {
        guard self.tally.byteCount + bytes.count + reserve <= self.byteLimit else {
            throw ArchiveError(
                .limit,
                "the archive needs more than \(self.byteLimit) bytes, its limit"
            )
        }
        try self.file.write(bytes)
        self.tally.byteCount += bytes.count
    }
}
