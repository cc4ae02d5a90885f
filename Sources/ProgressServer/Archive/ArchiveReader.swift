import ProgressChain

/// Reads what a former life of the server left, one block after the other.
///
/// Holds at most one block: under 20 MB, with the files decoded from it.
struct ArchiveReader: ~Copyable {
    private var file: ArchiveFile
    private var decoder: ArchiveDecoder

    /// Reads an archive to its end.
    ///
    /// - Parameters:
    ///   - present: The life of the database now; its `xmax` is from a snapshot after the server's
    ///     start.
    ///   - names: The networks of this process; new names are added.
    ///   - each: Called with files of a revision for each block, so for one revision perhaps more
    ///     than once.
    /// - Throws: ``ArchiveError``. Then there is no archive: what `each` was given must be forgotten.
    static func read(
        _ file: consuming ArchiveFile,
        for present: ArchiveIdentity,
        names: NetworkNames,
        each: (_ revision: Int64, _ files: [ArchivedFile]) -> Void
    ) throws(ArchiveError) -> ArchiveTally {
        let byteCount = file.remaining
        var reader = Self(file: file, decoder: ArchiveDecoder(names: names))
        try reader.identity().check(against: present)
        while let (revision, files) = try reader.next() { each(revision, files) }
        return ArchiveTally(
            fileCount: reader.decoder.fileCount,
            blockCount: reader.decoder.blockCount,
            byteCount: byteCount
        )
    }

    private init(file: consuming ArchiveFile, decoder: ArchiveDecoder) {
        self.file = file
        self.decoder = decoder
    }

    private mutating func identity() throws(ArchiveError) -> ArchiveIdentity {
        var header = try self.file.read(ArchiveFormat.headerByteCount)
        let nameByteCount = try self.decoder.nameByteCount(header)
        header += try self.file.read(nameByteCount + ArchiveFormat.checksumByteCount)
        return try self.decoder.identity(header)
    }

    /// The next block; `nil` after the last, when the end was right and nothing follows.
    private mutating func next() throws(ArchiveError) -> (Int64, [ArchivedFile])? {
        // The end is the shorter part, so this much there is in either.
        var part = try self.file.read(ArchiveFormat.endByteCount)
        switch try self.decoder.mark(part) {
        case .end:
            try self.decoder.end(part)
            guard self.file.remaining == 0 else {
                throw .damaged("\(self.file.remaining) bytes follow its end")
            }
            return nil
        case .block:
            part += try self.file.read(ArchiveFormat.blockHeadByteCount - part.count)
            let head = try self.decoder.head(part)
            part += try self.file.read(head.byteCount + ArchiveFormat.checksumByteCount)
            return (head.revision, try self.decoder.files(head, part))
        }
    }
}
