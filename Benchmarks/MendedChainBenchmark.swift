import ProgressChain

/// Changes a chain of 100,000 made-up files, and prints the median time of a change.
struct MendedChainBenchmark {
    private static let fileCount = 100_000
    private static let changeCount = 1_000
    private static let version = RowVersion(rawValue: 1)

    private let network: Network
    private let size: FileSize

    /// `nil` if `names` has no room for another network.
    init?(names: NetworkNames) {
        guard let network = names.network(named: "mainnet"),
            let size = try? FileSize(objectSize: 8775)
        else { return nil }
        self.network = network
        self.size = size
    }

    func run() {
        let clock = ContinuousClock()
        let files = (0..<Self.fileCount).map { self.file($0, id: $0) }
        print("mended chain: \(Self.fileCount) files, median of \(Self.changeCount) changes")

        var chain = MendedChain()
        let building = clock.measure { chain = Self.chain(files) }
        precondition((try? chain.summary().fileCount) == Self.fileCount, "the chain is broken")
        Self.report("build, files in order", building, unit: .milliseconds(1), "ms")
        // A fixed stride through the table stands for the order in which a database gives rows.
        let scattered = files.indices.map { files[$0 * 7919 % files.count] }
        var other = MendedChain()
        let scatteredBuilding = clock.measure { other = Self.chain(scattered) }
        precondition((try? other.summary()) == (try? chain.summary()), "the order decides")
        Self.report("build, files scattered", scatteredBuilding, unit: .milliseconds(1), "ms")
        print("  memory                      \(chain.byteCount / Self.fileCount) bytes a file")

        let end = Self.fileCount
        let appended = (end..<end + Self.changeCount).map { self.file($0, id: $0) }
        let summaries = Self.measure("append at the tip", appended) {
            chain.insert($0, version: Self.version)
        } after: {
            precondition((try? chain.summary()) != nil, "the chain is broken")
        }
        Self.report("summary after it", summaries, unit: .nanoseconds(1), "ns")
        // Each has the blocks of another file, and takes its place for having the higher id.
        let doubles = (0..<Self.changeCount).map {
            self.file($0 * 7919 % end, id: 2 * end + $0)
        }
        Self.measure("insert in the middle", doubles) { chain.insert($0, version: Self.version) }
        Self.measure("remove in the middle", doubles) { chain.remove($0.id) }
        let middle = files[Self.fileCount / 2]
        let cut = clock.measure { chain.remove(middle.id) }
        Self.report("cut in the middle, once", cut, unit: .microseconds(1), "us")
        let closing = clock.measure { chain.insert(middle, version: Self.version) }
        Self.report("close the cut, once", closing, unit: .microseconds(1), "us")
        let fileCount = Self.fileCount + Self.changeCount
        precondition((try? chain.summary().fileCount) == fileCount, "the chain is broken")
    }

    private static func chain(_ files: [Segment]) -> MendedChain {
        var builder = MendedChain.Builder()
        for file in files { builder.append(file, version: Self.version) }
        return builder.finish()
    }

    /// Measures `change` for each file and prints the median.
    ///
    /// - Returns: The median time of `after`, which follows each change.
    @discardableResult
    private static func measure(
        _ name: String,
        _ files: [Segment],
        _ change: (Segment) -> Void,
        after: () -> Void = {}
    ) -> Duration {
        let clock = ContinuousClock()
        var (times, timesAfter): ([Duration], [Duration]) = ([], [])
        for file in files {
            times.append(clock.measure { change(file) })
            timesAfter.append(clock.measure(after))
        }
        times.sort()
        timesAfter.sort()
        Self.report(name, times[times.count / 2], unit: .nanoseconds(1), "ns")
        return timesAfter[timesAfter.count / 2]
    }

    private static func report(
        _ name: String,
        _ time: Duration,
        unit: Duration,
        _ unitName: String
    ) {
        let label = name + String(repeating: " ", count: max(0, 28 - name.count))
        print("  \(label)\(Int(time / unit)) \(unitName)")
    }

    /// The file at `index` of the chain.
    private func file(_ index: Int, id: Int) -> Segment {
        let start = UInt64(index) * 100
        return Segment(
            id: FileID(rawValue: Int64(id)),
            size: self.size,
            lastModified: FileTime(
                seconds: 1_768_220_431 + UInt64(index),
                nanoseconds: 250_118_734
            ),
            range: BlockRange(
                network: self.network,
                start: start,
                end: start + 99,
                hash: Self.hash(index + 1),
                previousHash: Self.hash(index)
            )
        )
    }

    /// A made-up hash whose bytes all differ from one index to the next.
    private static func hash(_ index: Int) -> BlockHash {
        let bytes = (1...4).flatMap { word in
            let bits = (UInt64(index) &+ 1) &* 0x9E37_79B9_7F4A_7C15 &* UInt64(2 * word + 1)
            return (0..<8).map { UInt8(truncatingIfNeeded: bits >> ($0 * 8)) }
        }
        guard let hash = BlockHash(bytes: bytes) else {
            preconditionFailure("a hash has \(BlockHash.byteCount) bytes, not \(bytes.count)")
        }
        return hash
    }
}
