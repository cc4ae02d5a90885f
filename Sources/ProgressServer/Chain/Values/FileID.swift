/// The identity of one file row: `file_metadata.id`.
///
/// The database never gives the same number twice, so the id decides a tie for good.
package struct FileID: Hashable, Comparable, Sendable, CustomStringConvertible {
    /// The number in the database.
    package var rawValue: Int64

    package init(rawValue: Int64) {
        self.rawValue = rawValue
    }

    package var description: String { "\(self.rawValue)" }

    package static func < (lhs: Self, rhs: Self) -> Bool {
        lhs.rawValue < rhs.rawValue
    }
}
