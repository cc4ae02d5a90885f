import ProgressChain

/// Decodes the columns of ``FileColumns``, which may be hostile.
struct FileColumnsDecoder {
    private var input: ByteInput
    private let fileCount: Int
    private let names: NetworkNames

    /// The files of a block.
    ///
    /// - Parameters:
    ///   - raw: The raw bytes of the block.
    ///   - fileCount: How many files it announces, at most ``ArchiveFormat/fileLimit``.
    ///   - names: The networks of this process; new names are added.
    /// - Throws: ``ArchiveError`` with code `damaged`, or `limit` if `names` takes no more names.
    static func files(
        in raw: [UInt8],
        count fileCount: Int,
        names: NetworkNames
    ) throws(ArchiveError) -> [ArchivedFile] {
        var decoder = Self(input: ByteInput(raw), fileCount: fileCount, names: names)
        let networks = try decoder.networks()
        let fields = try decoder.fields()
        let rangeCounts = try decoder.rangeCounts()
        let ranges = try decoder.ranges(rangeCounts.reduce(0, +), networks)
        var files: [ArchivedFile] = []
        files.reserveCapacity(fileCount)
        var first = 0
        for (own, count) in zip(fields, rangeCounts) {
            let covered =
                count == 1
                ? BlockRanges(only: ranges[first])
                : BlockRanges(Array(ranges[first..<first + count]))
            first += count
            files.append(
                ArchivedFile(
                    // In the order of the names, so equal whatever their indexes here.
                    segment: Segment(
                        id: own.id,
                        size: own.size,
                        lastModified: own.time,
                        ranges: covered,
                        names: names
                    ),
                    rowVersion: own.version
                )
            )
        }
        return files
    }

    private mutating func networks() throws(ArchiveError) -> [Network] {
        let count = try self.input.count(of: "networks", limit: NetworkNames.nameLimit)
        var networks: [Network] = []
        for _ in 0..<count {
            let byteCount = try self.input.count(
                of: "bytes in a network's name",
                limit: NetworkNames.nameByteLimit
            )
            let bytes = try self.input.bytes(byteCount)
            guard !bytes.isEmpty, let name = String(validating: bytes, as: UTF8.self) else {
                throw .damaged("a network's name is empty or not UTF-8")
            }
            guard let network = self.names.network(named: name) else {
                throw ArchiveError(
                    .limit,
                    "the archive has networks beyond the \(NetworkNames.nameLimit) of the process"
                )
            }
            networks.append(network)
        }
        return networks
    }

    private typealias Fields = (id: FileID, version: RowVersion, size: FileSize, time: FileTime)

    private mutating func fields() throws(ArchiveError) -> [Fields] {
        let ids = try self.input.steps(self.fileCount)
        let versions = try self.input.steps(self.fileCount)
        let sizes = try self.input.numbers(self.fileCount)
        let seconds = try self.input.steps(self.fileCount)
        var fields: [Fields] = []
        fields.reserveCapacity(self.fileCount)
        for place in 0..<self.fileCount {
            let nanoseconds = try self.input.integer(UInt32.self)
            let time = FileTime(seconds: seconds[place], nanoseconds: nanoseconds)
            guard time.seconds == seconds[place], time.nanoseconds == nanoseconds else {
                throw .damaged("a file is of second \(seconds[place]) and \(nanoseconds) ns")
            }
            guard let version = UInt32(exactly: versions[place]) else {
                throw .damaged("a row version is \(versions[place])")
            }
            guard let byteCount = Int64(exactly: sizes[place]),
                let size = try? FileSize(objectSize: byteCount)
            else {
                throw .damaged("a file has \(sizes[place]) bytes")
            }
            let id = FileID(rawValue: Int64(bitPattern: ids[place]))
            fields.append((id, RowVersion(rawValue: version), size, time))
        }
        return fields
    }

    /// The number of ranges of each file, at most ``ArchiveFormat/rangeLimit`` in all.
    private mutating func rangeCounts() throws(ArchiveError) -> [Int] {
        var room = ArchiveFormat.rangeLimit
        var counts: [Int] = []
        counts.reserveCapacity(self.fileCount)
        for _ in 0..<self.fileCount {
            let count = try self.input.count(of: "ranges more", limit: room)
            room -= count
            counts.append(count)
        }
        return counts
    }

    private mutating func ranges(
        _ count: Int,
        _ networks: [Network]
    ) throws(ArchiveError) -> [BlockRange] {
        let places = try self.input.numbers(count)
        guard places.allSatisfy({ $0 < UInt64(networks.count) }) else {
            throw .damaged("a range is of a network that is not among the \(networks.count) named")
        }
        // A start is a step from an end that is decoded later: the steps are kept until then.
        let startSteps = try self.input.numbers(count)
        let endSteps = try self.input.numbers(count)
        var lastEnds = [UInt64](repeating: 0, count: networks.count)
        let references = try self.input.numbers(2 * count)
        var hashes = HashResolution(try self.hashes())
        var ranges: [BlockRange] = []
        ranges.reserveCapacity(count)
        for index in 0..<count {
            let place = Int(places[index])
            let start = lastEnds[place] &+ ByteInput.difference(startSteps[index])
            let end = start &+ ByteInput.difference(endSteps[index])
            lastEnds[place] = end
            guard let hash = try hashes.hash(at: references[2 * index]) else {
                throw .damaged("a range has no hash")
            }
            ranges.append(
                BlockRange(
                    network: networks[place],
                    start: start,
                    end: end,
                    hash: hash,
                    previousHash: try hashes.hash(at: references[2 * index + 1])
                )
            )
        }
        guard hashes.isComplete else { throw .damaged("a hash belongs to no range") }
        return ranges
    }

    /// All that is left, as hashes.
    private mutating func hashes() throws(ArchiveError) -> [BlockHash] {
        let (count, rest) = self.input.remaining.quotientAndRemainder(
            dividingBy: BlockHash.byteCount
        )
        guard rest == 0 else { throw .damaged("the last hash has \(rest) bytes") }
        var hashes: [BlockHash] = []
        hashes.reserveCapacity(count)
        for _ in 0..<count {
            hashes.append(
                BlockHash(
                    words: try self.input.integer(UInt64.self).bigEndian,
                    try self.input.integer(UInt64.self).bigEndian,
                    try self.input.integer(UInt64.self).bigEndian,
                    try self.input.integer(UInt64.self).bigEndian
                )
            )
        }
        return hashes
    }
}
