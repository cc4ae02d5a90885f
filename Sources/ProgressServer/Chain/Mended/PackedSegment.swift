/// A segment of exactly one range in 104 bytes, without its id, which is kept beside it.
///
///     hash 32 │ previous hash 32 │ start 8 │ end 8 │ size 8 │ moment 8 │ row 8
///     moment: seconds 43 bits, network 16
///     row:    version 32 bits, nanoseconds 30, has a previous hash 1, is canonical 1
struct PackedSegment: Sendable {
    let hash: BlockHash
    /// Zero if there is none, which is not what a file of the first block says.
    private let storedPreviousHash: BlockHash
    let start: UInt64
    let end: UInt64
    let size: FileSize
    private let moment: UInt64
    private var row: UInt64

    /// Packs a segment that is not canonical; `nil` if it has not exactly one range.
    init?(_ segment: Segment, version: RowVersion) {
        guard let range = segment.ranges.only else { return nil }
        self.hash = range.hash
        self.storedPreviousHash = range.previousHash ?? .zero
        self.start = range.start
        self.end = range.end
        self.size = segment.size
        // No second is above `FileTime.lastSecond`, which has 43 bits, and no nanosecond has 31.
        self.moment = segment.lastModified.seconds << 16 | UInt64(range.network.index)
        self.row =
            UInt64(version.rawValue) << 32
            | UInt64(segment.lastModified.nanoseconds) << 2
            | (range.previousHash == nil ? 0 : Self.previousHashBit)
    }

    private static var canonicalBit: UInt64 { 1 }
    private static var previousHashBit: UInt64 { 2 }

    /// Whether the file is in the chain.
    var isCanonical: Bool {
        get { self.row & Self.canonicalBit != 0 }
        set { self.row = self.row & ~Self.canonicalBit | (newValue ? Self.canonicalBit : 0) }
    }

    var previousHash: BlockHash? {
        self.row & Self.previousHashBit == 0 ? nil : self.storedPreviousHash
    }

    var network: Network { Network(index: UInt16(truncatingIfNeeded: self.moment)) }

    var version: RowVersion { RowVersion(rawValue: UInt32(truncatingIfNeeded: self.row >> 32)) }

    var lastModified: FileTime {
        FileTime(
            seconds: self.moment >> 16,
            nanoseconds: UInt32(truncatingIfNeeded: self.row) >> 2
        )
    }

    /// Sixteen bits that are equal for equal previous hashes.
    var previousHashTag: UInt16 { self.storedPreviousHash.tag }

    /// Whether the file goes on where `tail` ends; ``BlockRange/links(to:)`` for packed files.
    func follows(_ tail: ChainTail) -> Bool {
        tail.end < self.start && self.storedPreviousHash == tail.hash
            && self.row & Self.previousHashBit != 0 && self.network == tail.network
    }

    /// The file that was packed.
    func segment(id: FileID) -> Segment {
        Segment(
            id: id,
            size: self.size,
            lastModified: self.lastModified,
            range: BlockRange(
                network: self.network,
                start: self.start,
                end: self.end,
                hash: self.hash,
                previousHash: self.previousHash
            )
        )
    }
}
