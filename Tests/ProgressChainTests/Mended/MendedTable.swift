import Testing

@testable import ProgressChain

/// A mended chain beside the plain set of the same files, from which all is computed anew.
struct MendedTable {
    private(set) var chain: MendedChain
    private(set) var files: [FileID: Segment] = [:]
    private var versions: [FileID: RowVersion] = [:]
    private var lastVersion: UInt32 = .max - 3

    init(chunkFileLimit: Int) {
        self.chain = MendedChain(chunkFileLimit: chunkFileLimit)
    }

    mutating func insert(_ segment: Segment) {
        self.lastVersion &+= 1
        let version = RowVersion(rawValue: self.lastVersion)
        self.files[segment.id] = segment
        self.versions[segment.id] = version
        self.chain.insert(segment, version: version)
    }

    mutating func remove(_ id: FileID) {
        let isRemoved = self.files.removeValue(forKey: id) != nil
        self.versions[id] = nil
        let isGone = self.chain.remove(id)
        #expect(isGone == isRemoved)
    }

    /// Everything that the chain says, compared with what its files give.
    func check(_ comment: Comment) {
        let files = Array(self.files.values)
        #expect(
            Self.outcome { () throws(TableError) in try self.chain.summary() }
                == Self.outcome { () throws(TableError) in try TableSummary(of: files) },
            comment
        )
        #expect(self.chain.fileCount == files.count, comment)
        let regular = files.filter { $0.ranges.count == 1 }
        let canonical = CanonicalChain(of: regular)?.segments ?? []
        #expect(self.chain.canonicalIDs == canonical.map(\.id), comment)
        self.checkChunks(comment)
        self.checkContents(comment)
    }

    private static func outcome(
        _ summary: () throws(TableError) -> TableSummary
    ) -> Result<TableSummary, TableError> {
        Result(catching: summary)
    }

    /// What the chunks say of their files, and how full they are.
    private func checkChunks(_ comment: Comment) {
        let limit = self.chain.files.chunkFileLimit
        for chunk in self.chain.files.chunks {
            let canonical = chunk.files.filter(\.isCanonical)
            #expect(chunk.count > 0 && chunk.count <= limit, comment)
            #expect(chunk.files.count == chunk.count, comment)
            #expect(chunk.lowestID == chunk.ids.min(), comment)
            #expect(chunk.highestID == chunk.ids.max(), comment)
            #expect(chunk.canonicalCount == canonical.count, comment)
            #expect(chunk.canonicalEnd == canonical.map(\.end).max() ?? 0, comment)
            let byteCount = canonical.reduce(Int128(0)) { $0 + Int128($1.size.byteCount) }
            #expect(chunk.canonicalByteCount == byteCount, comment)
            for file in chunk.files {
                guard let parent = file.previousHash else { continue }
                let tail = ChainTail(file, hash: parent)
                #expect(chunk.mayFollow(tail), comment)
            }
        }
        #expect(self.chain.files.count == self.chain.files.chunks.reduce(0) { $0 + $1.count })
    }

    /// That the chain gives each file with its version once, in order.
    private func checkContents(_ comment: Comment) {
        var given: [Segment] = []
        self.chain.forEach { segment, version in
            given.append(segment)
            #expect(version == self.versions[segment.id], comment)
        }
        let regular = self.files.values.filter { $0.ranges.count == 1 }
            .sorted(by: DirectDefinition.competes)
        let others = self.files.values.filter { $0.ranges.count != 1 }.sorted { $0.id < $1.id }
        #expect(given == regular + others, comment)
        var rows: [FileID] = []
        self.chain.forEachRow { id, version in
            rows.append(id)
            #expect(version == self.versions[id], comment)
        }
        #expect(rows == given.map(\.id), comment)
        #expect(given.allSatisfy { self.chain.contains($0.id) }, comment)
    }
}

extension MendedChain {
    /// The ids of the files of one range that are marked, in order.
    var canonicalIDs: [FileID] {
        self.files.chunks.flatMap { chunk in
            chunk.files.indices.filter { chunk.files[$0].isCanonical }.map { chunk.ids[$0] }
        }
    }
}

extension ChainTail {
    /// The tail that `file` would be if it ended in `hash`.
    fileprivate init(_ file: PackedSegment, hash: BlockHash) {
        self.init(hash: hash, end: file.end, network: file.network)
    }
}
