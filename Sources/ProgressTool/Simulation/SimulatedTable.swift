/// What a writer has to know of one table to go on with it: the newest part of its linked files.
struct SimulatedTable: Sendable {
    /// The revision that the files belong to.
    let revision: Int64
    let name: String
    /// The linked files, oldest first; at most ``limit`` of them, the newest.
    private(set) var files: [SimulatedFile]

    /// Files kept in memory; more than any compaction or reorganisation touches.
    static let limit = 64

    /// Finds the end of the chain among the newest files of a revision.
    ///
    /// The tail is the file that ends highest, the newest of equals; from it back along the hashes,
    /// again the newest of equals. `files` may come in any order and hold replaced ones.
    init(revision: Int64, name: String, files: [SimulatedFile]) {
        self.revision = revision
        self.name = name
        let byHash = Dictionary(grouping: files, by: \.hash)
        var chain: [SimulatedFile] = []
        var next = files.max {
            ($0.blocks.upperBound, $0.createdAt, $0.id ?? 0)
                < ($1.blocks.upperBound, $1.createdAt, $1.id ?? 0)
        }
        while let file = next, chain.count < Self.limit {
            chain.append(file)
            next = (byHash[file.parentHash] ?? [])
                .filter { $0.blocks.upperBound < file.blocks.lowerBound }
                .max { ($0.createdAt, $0.id ?? 0) < ($1.createdAt, $1.id ?? 0) }
        }
        self.files = chain.reversed()
    }

    /// The last block of the chain; `nil` if there is none yet.
    var lastBlock: Int64? { self.files.last?.blocks.upperBound }

    /// A file from the block after the tail through `end`, linked to the tail; without a tail from
    /// block 0.
    ///
    /// - Returns: `nil` if the table already holds `end`.
    func successor(
        through end: Int64,
        network: String,
        branch: UInt64,
        byteCount: Int64,
        createdAt: SimulatedFile.Instant,
        nonce: UInt64
    ) -> SimulatedFile? {
        let (start, overflow) = (self.lastBlock ?? -1).addingReportingOverflow(1)
        guard !overflow, end >= start else { return nil }
        return SimulatedFile(
            table: self.name,
            network: network,
            blocks: start...end,
            hash: BlockHash(block: end, network: network, branch: branch),
            parentHash: self.files.last?.hash
                ?? .parent(ofBlock: start, network: network, branch: branch),
            byteCount: byteCount,
            createdAt: createdAt,
            nonce: nonce
        )
    }

    /// The parents and the file that replaces them: `count` neighbours that end `distance` files
    /// before the tail, merged.
    ///
    /// - Returns: `nil` if the chain in memory is too short.
    func compaction(
        of count: Int,
        beforeTail distance: Int,
        createdAt: SimulatedFile.Instant,
        nonce: UInt64
    ) -> (parents: [SimulatedFile], merged: SimulatedFile)? {
        guard count >= 2, distance >= 0, self.files.count >= count + distance else { return nil }
        let parents = self.files.dropLast(distance).suffix(count)
        guard let first = parents.first, var merged = parents.last else { return nil }
        merged.id = nil
        merged.blocks = first.blocks.lowerBound...merged.blocks.upperBound
        merged.parentHash = first.parentHash
        // One footer and one dictionary instead of many.
        merged.byteCount = parents.reduce(0) { $0 + $1.byteCount / 100 * 93 }
        merged.createdAt = createdAt
        merged.nonce = nonce
        return (Array(parents), merged)
    }

    /// The last `count` files again, over the same blocks but on another branch of the chain.
    ///
    /// - Returns: `nil` if nothing would be left before them.
    func reorganisation(
        of count: Int,
        branch: UInt64,
        createdAt: SimulatedFile.Instant,
        using generator: inout SplitMix64
    ) -> [SimulatedFile]? {
        guard count >= 1, self.files.count > count else { return nil }
        var parentHash = self.files[self.files.count - count].parentHash
        return self.files.suffix(count).map { replaced in
            var file = replaced
            file.id = nil
            file.parentHash = parentHash
            file.hash = BlockHash(
                block: file.blocks.upperBound,
                network: file.network,
                branch: branch
            )
            file.createdAt = createdAt
            file.nonce = generator.next()
            parentHash = file.hash
            return file
        }
    }

    /// Takes note that `file` was appended.
    mutating func append(_ file: SimulatedFile) {
        self.files.append(file)
        if self.files.count > Self.limit {
            self.files.removeFirst(self.files.count - Self.limit)
        }
    }

    /// Takes note that `replacements` stand where `replaced` stood.
    mutating func replace(_ replaced: [SimulatedFile], with replacements: [SimulatedFile]) {
        guard let first = replaced.first, let start = self.files.firstIndex(of: first) else {
            return
        }
        let end = min(self.files.endIndex, start + replaced.count)
        self.files.replaceSubrange(start..<end, with: replacements)
    }
}
