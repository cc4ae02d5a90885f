import ProgressChain

/// The different hashes of a block in the order of their first use, and how to name them briefly.
///
/// In a chain, each hash is the previous hash of a neighbour. So half of all hashes name one seen
/// shortly before, whichever way the files are ordered, and mostly at the same distance.
struct HashReferences {
    /// No hash.
    static let none: UInt64 = 0
    /// The next hash of the list, which was not used before.
    static let next: UInt64 = 1
    /// The last hash of the list so far; the ones before it follow.
    static let last: UInt64 = 2

    private(set) var hashes: [BlockHash] = []
    private var places: [BlockHash: Int] = [:]

    mutating func reserve(_ count: Int) {
        self.hashes.reserveCapacity(count)
        self.places.reserveCapacity(count)
    }

    mutating func reference(to hash: BlockHash?) -> UInt64 {
        guard let hash else { return Self.none }
        let count = self.hashes.count
        let place = self.places[hash, default: count]
        guard place == count else { return Self.last + UInt64(count - 1 - place) }
        self.places[hash] = count
        self.hashes.append(hash)
        return Self.next
    }
}

/// Follows the references of ``HashReferences``, which may be hostile.
struct HashResolution {
    private let hashes: [BlockHash]
    private var usedCount = 0

    init(_ hashes: [BlockHash]) {
        self.hashes = hashes
    }

    /// Whether every hash was used.
    var isComplete: Bool { self.usedCount == self.hashes.count }

    mutating func hash(at reference: UInt64) throws(ArchiveError) -> BlockHash? {
        switch reference {
        case HashReferences.none:
            return nil
        case HashReferences.next:
            guard self.usedCount < self.hashes.count else {
                throw .damaged("more than its \(self.hashes.count) hashes are used")
            }
            self.usedCount += 1
            return self.hashes[self.usedCount - 1]
        default:
            let distance = reference - HashReferences.last
            guard distance < UInt64(self.usedCount) else {
                throw .damaged("a hash is \(distance) before the last of \(self.usedCount)")
            }
            return self.hashes[self.usedCount - 1 - Int(distance)]
        }
    }
}
