import ProgressPostgres

/// A snapshot of the database: which transactions had ended when it was taken.
struct Snapshot: Equatable, Sendable {
    /// The lowest transaction that was in progress; all below it had ended.
    var xmin: UInt64
    /// One above the highest transaction that had ended.
    var xmax: UInt64
    /// Those in between that were in progress; without their subtransactions.
    var inProgress: [UInt64]
    /// Whether ``inProgress`` tells.
    ///
    /// On a standby PostgreSQL keeps the transactions elsewhere and always leaves it empty.
    var isComplete: Bool

    init(xmin: UInt64, xmax: UInt64, inProgress: [UInt64] = [], isComplete: Bool = true) {
        self.xmin = xmin
        self.xmax = xmax
        self.inProgress = inProgress
        self.isComplete = isComplete
    }

    /// Decodes a binary `pg_snapshot`: count in 4 bytes, then xmin, xmax and the transactions in
    /// progress, 8 bytes each.
    ///
    /// - Throws: ``PostgresError`` of kind `invalidValue` for other bytes.
    init(decoding bytes: Span<UInt8>, isComplete: Bool) throws(PostgresError) {
        let count = bytes.count < 20 ? 0 : Int(bytes.bigEndianInteger(at: 0, byteCount: 4))
        guard bytes.count == 20 + 8 * count else {
            throw PostgresError(.invalidValue, "\(bytes.count) bytes are no pg_snapshot")
        }
        self.xmin = bytes.bigEndianInteger(at: 4, byteCount: 8)
        self.xmax = bytes.bigEndianInteger(at: 12, byteCount: 8)
        self.inProgress =
            count == 0
            ? [] : (0..<count).map { bytes.bigEndianInteger(at: 20 + 8 * $0, byteCount: 8) }
        self.isComplete = isComplete
    }

    /// Whether nothing had ended between the two, which are of one session.
    ///
    /// What ends either leaves ``inProgress`` or advances ``xmax``; so incomplete snapshots never
    /// tell.
    func provesNoChange(since earlier: Self) -> Bool {
        self.isComplete && self == earlier
    }
}

extension Snapshot: CustomStringConvertible {
    /// As PostgreSQL prints it: `xmin:xmax:xip,…`.
    var description: String {
        "\(self.xmin):\(self.xmax):"
            + self.inProgress.map { String($0) }.joined(separator: ",")
    }
}
