import ProgressChain

/// Encodes the files of one block as columns; ``ArchiveFormat`` draws them.
struct FileColumns {
    private var output = ByteOutput()
    private let files: [ArchivedFile]
    private let ranges: [BlockRange]

    /// The raw bytes of a block.
    ///
    /// - Parameters:
    ///   - files: At most ``ArchiveFormat/fileLimit``, of ``ArchiveFormat/rangeLimit`` ranges in all.
    ///   - names: The names of their networks.
    static func encoded(_ files: [ArchivedFile], names: NetworkNames) -> [UInt8] {
        var columns = Self(files)
        let places = columns.appendNames(from: names)
        columns.appendFiles()
        columns.appendRanges(places)
        columns.appendHashes()
        return columns.output.bytes
    }

    private init(_ files: [ArchivedFile]) {
        self.files = files
        self.ranges = files.flatMap(\.segment.ranges)
    }

    /// Appends the names in the order of their first use, and gives each network its place there.
    private mutating func appendNames(from names: NetworkNames) -> [Network: Int] {
        var places: [Network: Int] = [:]
        var networks: [Network] = []
        for range in self.ranges where range.network != networks.last {
            guard places[range.network] == nil else { continue }
            places[range.network] = networks.count
            networks.append(range.network)
        }
        self.output.append(number: UInt64(networks.count))
        for network in networks {
            let name = Array(names.name(of: network).utf8)
            self.output.append(number: UInt64(name.count))
            self.output.append(name)
        }
        return places
    }

    private mutating func appendFiles() {
        let files = self.files
        self.output.append(
            steps: files.lazy.map { UInt64(bitPattern: $0.segment.id.rawValue) }
        )
        self.output.append(steps: files.lazy.map { UInt64($0.rowVersion.rawValue) })
        for file in files {
            self.output.append(number: UInt64(file.segment.size.byteCount))
        }
        self.output.append(steps: files.lazy.map(\.segment.lastModified.seconds))
        for file in files {
            self.output.append(integer: file.segment.lastModified.nanoseconds)
        }
        for file in files {
            self.output.append(number: UInt64(file.segment.ranges.count))
        }
    }

    private mutating func appendRanges(_ places: [Network: Int]) {
        // In practice all ranges of a block are of one network.
        var last: (network: Network, place: Int)?
        func place(of network: Network) -> Int {
            if let last, last.network == network { return last.place }
            let place = places[network, default: 0]
            last = (network, place)
            return place
        }
        for range in self.ranges {
            self.output.append(number: UInt64(place(of: range.network)))
        }
        var ends = [UInt64](repeating: 0, count: places.count)
        for range in self.ranges {
            let place = place(of: range.network)
            self.output.append(step: range.start, from: ends[place])
            ends[place] = range.end
        }
        for range in self.ranges {
            self.output.append(step: range.end, from: range.start)
        }
    }

    private mutating func appendHashes() {
        var references = HashReferences()
        references.reserve(self.ranges.count + 1)
        for range in self.ranges {
            self.output.append(number: references.reference(to: range.hash))
            self.output.append(number: references.reference(to: range.previousHash))
        }
        for hash in references.hashes {
            let words = hash.words
            self.output.append(integer: words.0.bigEndian)
            self.output.append(integer: words.1.bigEndian)
            self.output.append(integer: words.2.bigEndian)
            self.output.append(integer: words.3.bigEndian)
        }
    }
}
