/// A dataset, whatever its version: namespace and name.
struct DatasetName: Hashable, Sendable {
    var namespace: String
    var name: String
}

extension DatasetName: Comparable {
    /// By the bytes of the namespace, then of the name.
    static func < (lhs: Self, rhs: Self) -> Bool {
        if lhs.namespace != rhs.namespace {
            return lhs.namespace.utf8.lexicographicallyPrecedes(rhs.namespace.utf8)
        }
        return lhs.name.utf8.lexicographicallyPrecedes(rhs.name.utf8)
    }
}

extension DatasetName: CustomStringConvertible {
    var description: String { "\(self.namespace)/\(self.name)" }
}
