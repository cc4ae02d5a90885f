import ProgressChain

/// One file of a revision, with the version of the row that it was decoded from.
struct ArchivedFile: Hashable, Sendable {
    var segment: Segment
    var rowVersion: RowVersion
}

/// How much an archive holds.
struct ArchiveTally: Equatable, Sendable {
    /// Files in it.
    var fileCount = 0
    /// Files that were not written, having more than ``ArchiveFormat/rangeLimit`` ranges.
    var leftOutCount = 0
    /// Blocks in it.
    var blockCount = 0
    /// Its size on disk, in bytes.
    var byteCount = 0
}
