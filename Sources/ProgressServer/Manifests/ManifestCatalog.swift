import Synchronization

/// The manifests that are known, by hash, and what they make of jobs' tables.
///
/// Two rules of Amp's need them: a table that its dataset's manifest does not list is none, and a table
/// of a raw dataset that begins above the dataset's first block has no data yet.
final class ManifestCatalog: Sendable {
    /// Most manifests that are kept; those known first stay.
    static let manifestLimit = 65_536

    private let manifests = Mutex<[String: Manifest]>([:])

    var count: Int { self.manifests.withLock { $0.count } }

    func contains(_ hash: String) -> Bool { self.manifests.withLock { $0[hash] != nil } }

    /// - Returns: Whether there was room for it.
    func insert(_ manifest: Manifest, hash: String) -> Bool {
        self.manifests.withLock { manifests in
            guard manifests.count < Self.manifestLimit || manifests[hash] != nil else {
                return false
            }
            manifests[hash] = manifest
            return true
        }
    }

    /// Drops the tables that are none, and tells the others where their datasets start.
    ///
    /// Tables whose manifest is not known stay as they are.
    ///
    /// - Returns: The hashes of manifests that are not known.
    func apply(to plans: inout [JobID: JobPlan]) -> Set<String> {
        self.manifests.withLock { manifests in
            var unknown: Set<String> = []
            for id in plans.keys {
                plans[id]?.tables.removeAll { table in
                    guard let manifest = manifests[table.manifestHash] else {
                        unknown.insert(table.manifestHash)
                        return false
                    }
                    return !manifest.tables.contains(table.name)
                }
                for index in plans[id]?.tables.indices ?? 0..<0 {
                    guard let hash = plans[id]?.tables[index].manifestHash else { continue }
                    plans[id]?.tables[index].startBlock = manifests[hash]?.startBlock
                }
            }
            return unknown
        }
    }
}
