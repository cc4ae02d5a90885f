/// What decides the place of a file of one range: the order of ``ChainOrder``.
///
/// Start ascending, the newest first among equals, then the higher id first.
struct OrderKey: Comparable {
    var start: UInt64
    var lastModified: FileTime
    var id: FileID

    static func < (lhs: Self, rhs: Self) -> Bool {
        if lhs.start != rhs.start { return lhs.start < rhs.start }
        if lhs.lastModified != rhs.lastModified { return lhs.lastModified > rhs.lastModified }
        return lhs.id > rhs.id
    }
}
