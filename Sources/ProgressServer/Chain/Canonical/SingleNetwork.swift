/// The rule that a table's numbers make sense only for files of one and the same network.
enum SingleNetwork {
    /// Checks that each file has one range and all are of the same network.
    ///
    /// - Throws: ``TableError/multipleNetworks(file:rangeCount:)`` naming the first file that breaks
    ///   the rule.
    static func check(_ files: [Segment]) throws(TableError) {
        var network: Network?
        for file in files {
            guard let range = file.ranges.only, network == nil || network == range.network else {
                throw .multipleNetworks(file: file.id, rangeCount: file.ranges.count)
            }
            network = range.network
        }
    }
}
