/// One Parquet file of a table, as its row in `file_metadata` describes it.
struct SimulatedFile: Equatable, Sendable {
    /// When a file was made, to the nanosecond.
    struct Instant: Comparable, Sendable {
        /// Seconds since 1970.
        var seconds: Int64
        /// 0 to 999,999,999.
        var nanoseconds: Int64

        static func < (left: Self, right: Self) -> Bool {
            (left.seconds, left.nanoseconds) < (right.seconds, right.nanoseconds)
        }
    }

    /// The key of the row; `nil` until it is inserted.
    var id: Int64?
    var table: String
    var network: String
    /// First and last block, both included.
    var blocks: ClosedRange<Int64>
    /// Of the last block.
    var hash: BlockHash
    /// Of the block before the first.
    var parentHash: BlockHash
    var byteCount: Int64
    var createdAt: Instant
    /// Makes the name unique among files that start at the same block.
    var nonce: UInt64

    /// Nine digits of the first block, a dash, sixteen hexadecimal digits, `.parquet`.
    var name: String {
        let start = String(self.blocks.lowerBound)
        let padding = String(repeating: "0", count: max(0, 9 - start.count))
        return "\(padding)\(start)-\(hexadecimal(self.nonce)).parquet"
    }

    /// The document of column `metadata`.
    var metadata: String {
        """
        {"table":"\(self.table)","filename":"\(self.name)",\
        "created_at":{"secs":\(self.createdAt.seconds),"nanos":\(self.createdAt.nanoseconds)},\
        "ranges":[{"numbers":{"start":\(self.blocks.lowerBound),"end":\(self.blocks.upperBound)},\
        "network":"\(self.network)","hash":"\(self.hash.text)",\
        "prev_hash":"\(self.parentHash.text)","timestamp":\(self.createdAt.seconds)}]}
        """
    }
}
