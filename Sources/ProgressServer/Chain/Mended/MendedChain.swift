/// The files of one table revision and their canonical chain, which a change mends around itself.
///
/// It gives the numbers that ``TableSummary/init(of:)`` gives for the same files, after any changes.
/// Files of one range, which in practice all are, are packed, in order, each marked if it is
/// canonical. The pass that finds the chain knows only its tail, so after a change it is made again
/// from the canonical file before the change to where it takes a file that was canonical before:
/// from there on all marks hold.
///
/// The cost of a change, for n files in n / ``chunkFileLimit`` chunks:
/// - to find the file by its id, nothing for an id above all others; else the bounds of all
///   chunks and the ids of those that span it, in the worst case 8 bytes of every file;
/// - to move files, one chunk at most, plus now and then the headers of all chunks;
/// - to mend, the files between the change and the meeting with the old chain. If they do not
///   meet, all later chunks are passed: those with a canonical file one by one, which ends the marks
///   of all of them, and those without by 2 bytes a file.
///
/// So a removal that cuts the chain, and the insertion that closes it again, cost O(n) each. A caller
/// with both, such as after a compaction, inserts first.
package struct MendedChain: Sendable {
    /// Most files in a chunk.
    static let chunkFileLimit = 256

    struct IrregularFile {
        var segment: Segment
        var version: RowVersion
    }

    /// The files of one range.
    var files: FileChunks
    /// The files of no or several ranges, which are never in one chain with those of one.
    var irregularFiles: [FileID: IrregularFile] = [:]
    /// The numbers of these files, once they were asked for.
    var knownSummary = KnownSummary()
    /// How many files mending has looked at since the beginning.
    var lookCount = 0

    /// A table without files.
    package init() {
        self.init(chunkFileLimit: Self.chunkFileLimit)
    }

    init(chunkFileLimit: Int) {
        self.files = FileChunks(chunkFileLimit: chunkFileLimit)
    }

    /// The number of files, canonical or not.
    package var fileCount: Int { self.files.count + self.irregularFiles.count }

    package func contains(_ id: FileID) -> Bool {
        self.irregularFiles[id] != nil || self.files.place(of: id) != nil
    }

    /// Adds a file, in the place of the one with the same id if there is one.
    package mutating func insert(_ segment: Segment, version: RowVersion) {
        self.knownSummary = KnownSummary()
        let place = self.files.place(of: segment.id)
        guard let file = PackedSegment(segment, version: version) else {
            if let place { self.remove(at: place) }
            self.irregularFiles[segment.id] = IrregularFile(segment: segment, version: version)
            return
        }
        self.irregularFiles[segment.id] = nil
        guard let place else {
            self.insert(file, id: segment.id)
            return
        }
        let old = self.files[place]
        if old.start == file.start, old.lastModified == file.lastModified {
            self.replace(at: place, with: file)
        } else {
            self.remove(at: place)
            self.insert(file, id: segment.id)
        }
    }

    /// Removes a file.
    ///
    /// - Returns: Whether there was one of this id.
    @discardableResult
    package mutating func remove(_ id: FileID) -> Bool {
        let isIrregular = self.irregularFiles.removeValue(forKey: id) != nil
        let place = isIrregular ? nil : self.files.place(of: id)
        guard isIrregular || place != nil else { return false }
        self.knownSummary = KnownSummary()
        if let place { self.remove(at: place) }
        return true
    }
}
