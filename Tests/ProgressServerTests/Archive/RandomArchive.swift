import ProgressChain

@testable import ProgressServer

/// Makes files to archive; equal seeds make equal files.
struct RandomArchive: RandomNumberGenerator {
    private var state: UInt64
    private let names: NetworkNames

    init(seed: UInt64, names: NetworkNames) {
        self.state = seed &* 2 + 1
        self.names = names
    }

    /// A multiplicative congruential generator, whose high bits are good enough here.
    mutating func next() -> UInt64 {
        self.state = self.state &* 0x5851_F42D_4C95_7F2D &+ 0x1405_7B7E_F767_814F
        return self.state ^ self.state >> 29
    }

    mutating func hash() -> BlockHash {
        BlockHash(words: self.next(), self.next(), self.next(), self.next())
    }

    /// Files that follow each other on one network, as in a table of Amp.
    mutating func chain(_ count: Int, network: String = "mainnet") throws -> [ArchivedFile] {
        guard let network = self.names.network(named: network) else { return [] }
        var previous = self.hash()
        var start: UInt64 = 0
        var seconds: UInt64 = 1_700_000_000
        return try (0..<count).map { place in
            let range = BlockRange(
                network: network,
                start: start,
                end: start + UInt64.random(in: 0..<4_000, using: &self),
                hash: self.hash(),
                previousHash: previous
            )
            previous = range.hash
            start = range.end + 1
            seconds += UInt64.random(in: 0..<30, using: &self)
            return ArchivedFile(
                segment: Segment(
                    id: FileID(rawValue: Int64(place) * 2 + 17),
                    size: try FileSize(objectSize: .random(in: 10_000..<200_000_000, using: &self)),
                    lastModified: FileTime(
                        seconds: seconds,
                        nanoseconds: .random(in: 0..<1_000_000_000, using: &self)
                    ),
                    range: range
                ),
                rowVersion: RowVersion(rawValue: UInt32(700 + place * 5))
            )
        }
    }

    /// Files of 0 to 4 ranges whose numbers are small, huge or anything, and whose hashes recur.
    mutating func mixture(upTo limit: Int) throws -> [ArchivedFile] {
        let hashes = (0..<5).map { _ in self.hash() } + [.zero]
        let networks = ["mainnet", "base", "αρχή", String(repeating: "n", count: 256)]
            .compactMap(self.names.network(named:))
        return try (0..<Int.random(in: 0...limit, using: &self)).map { _ in
            let ranges = (0..<Int.random(in: 0...4, using: &self)).map { _ in
                BlockRange(
                    network: networks[Int.random(in: 0..<networks.count, using: &self)],
                    start: self.number(),
                    end: self.number(),
                    hash: hashes[Int.random(in: 0..<hashes.count, using: &self)],
                    previousHash: Bool.random(using: &self)
                        ? nil : hashes[Int.random(in: 0..<hashes.count, using: &self)]
                )
            }
            return ArchivedFile(
                segment: Segment(
                    id: FileID(rawValue: Int64(bitPattern: self.number())),
                    size: try FileSize(objectSize: Int64(self.number() >> 1)),
                    lastModified: FileTime(
                        seconds: min(self.number(), FileTime.lastSecond),
                        nanoseconds: UInt32(self.number() % 1_000_000_000)
                    ),
                    ranges: BlockRanges(ranges),
                    names: self.names
                ),
                rowVersion: RowVersion(rawValue: UInt32(truncatingIfNeeded: self.number()))
            )
        }
    }

    private mutating func number() -> UInt64 {
        switch Int.random(in: 0..<4, using: &self) {
        case 0: UInt64.random(in: 0..<3, using: &self)
        case 1: .max - UInt64.random(in: 0..<3, using: &self)
        case 2: 1 << UInt64.random(in: 0..<64, using: &self)
        default: self.next()
        }
    }
}
