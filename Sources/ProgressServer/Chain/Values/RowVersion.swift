/// The version of one file row: the number of the transaction that wrote it, PostgreSQL's `xmin`.
///
/// The low 32 bits of that number, so it names a version only among those of one row, and only
/// while fewer than 2^31 transactions lie between.
package struct RowVersion: Hashable, Sendable {
    /// The number in the database.
    package let rawValue: UInt32

    package init(rawValue: UInt32) {
        self.rawValue = rawValue
    }
}
