/// Some consecutive files of a chain's order, and what the canonical ones among them add up to.
///
/// Ids and tags have arrays of their own, so that a search for one reads 8 or 2 bytes a file.
struct FileChunk: Sendable {
    private(set) var ids: [FileID] = []
    private(set) var files: [PackedSegment] = []
    /// The ``PackedSegment/previousHashTag`` of each file.
    private var tags: [UInt16] = []
    /// No file has an id outside of these bounds; both are ids of files.
    private(set) var lowestID = FileID(rawValue: .max)
    private(set) var highestID = FileID(rawValue: .min)

    private(set) var canonicalCount = 0
    /// The sum of the sizes of the canonical files; too wide to overflow.
    private(set) var canonicalByteCount: Int128 = 0
    /// The highest end of the canonical files; 0 if there is none.
    private(set) var canonicalEnd: UInt64 = 0

    var count: Int { self.ids.count }

    /// What a buffer takes besides its elements: the header of an array and the allocator's.
    static var bufferHeaderByteCount: Int { 48 }

    /// The bytes of the buffers at their capacity.
    ///
    /// Kept, as it is asked of all chunks after each change, and capacities lie in the buffers.
    private(set) var bufferByteCount = 3 * Self.bufferHeaderByteCount

    private mutating func measureBuffers() {
        self.bufferByteCount =
            self.ids.capacity * MemoryLayout<FileID>.stride
            + self.files.capacity * MemoryLayout<PackedSegment>.stride
            + self.tags.capacity * MemoryLayout<UInt16>.stride
            + 3 * Self.bufferHeaderByteCount
    }

    func key(at offset: Int) -> OrderKey {
        let file = self.files[offset]
        return OrderKey(
            start: file.start,
            lastModified: file.lastModified,
            id: self.ids[offset]
        )
    }

    /// The number of files that go before `key`.
    func offset(for key: OrderKey) -> Int {
        var (low, high) = (0, self.count)
        while low < high {
            let middle = low + (high - low) / 2
            if self.key(at: middle) < key { low = middle + 1 } else { high = middle }
        }
        return low
    }

    func offset(of id: FileID) -> Int? {
        guard self.lowestID <= id, id <= self.highestID else { return nil }
        return self.ids.firstIndex(of: id)
    }

    /// Whether a file may follow `tail`: surely so if one does, in one of 65,536 cases if not.
    func mayFollow(_ tail: ChainTail) -> Bool {
        let tag = tail.hash.tag
        var lowest = UInt16.max
        // To the end even if found, because the compiler compares eight tags at once then.
        for other in self.tags { lowest = min(lowest, other ^ tag) }
        return lowest == 0
    }
}

/// The files.
extension FileChunk {
    /// Inserts a file, growing the buffers for at most `limit` files.
    mutating func insert(_ file: PackedSegment, id: FileID, at offset: Int, limit: Int) {
        if self.count == self.files.capacity {
            self.reserve(min(max(4, self.count * 2), max(limit, self.count + 1)))
        }
        self.ids.insert(id, at: offset)
        self.files.insert(file, at: offset)
        self.tags.insert(file.previousHashTag, at: offset)
        self.measureBuffers()
        self.lowestID = min(self.lowestID, id)
        self.highestID = max(self.highestID, id)
        if file.isCanonical { self.add(file) }
    }

    mutating func remove(at offset: Int) {
        if self.files[offset].isCanonical {
            self.unmark(offset)
            self.measureEnd()
        }
        let id = self.ids.remove(at: offset)
        self.files.remove(at: offset)
        self.tags.remove(at: offset)
        self.measureBuffers()
        if id == self.lowestID || id == self.highestID { self.measureIDs() }
    }

    /// Puts a file in the place of one with the same id.
    mutating func replace(at offset: Int, with file: PackedSegment) {
        if self.files[offset].isCanonical {
            self.unmark(offset)
            self.measureEnd()
        }
        self.files[offset] = file
        self.tags[offset] = file.previousHashTag
        if file.isCanonical { self.add(file) }
    }

    /// The files before and from `offset` on, each in buffers of just their size.
    func split(at offset: Int) -> (lower: Self, upper: Self) {
        var (lower, upper) = (Self(), Self())
        lower.append(self, 0..<offset)
        upper.append(self, offset..<self.count)
        return (lower, upper)
    }

    /// The files of both, in buffers of just their size.
    func joined(with next: Self) -> Self {
        var joined = Self()
        joined.reserve(self.count + next.count)
        joined.append(self, 0..<self.count)
        joined.append(next, 0..<next.count)
        return joined
    }

    /// Appends files of another chunk.
    mutating func append(_ other: Self, _ offsets: Range<Int>) {
        if self.count + offsets.count > self.files.capacity {
            self.reserve(self.count + offsets.count)
        }
        self.ids.append(contentsOf: other.ids[offsets])
        self.files.append(contentsOf: other.files[offsets])
        self.tags.append(contentsOf: other.tags[offsets])
        self.measureBuffers()
        for offset in offsets {
            self.lowestID = min(self.lowestID, other.ids[offset])
            self.highestID = max(self.highestID, other.ids[offset])
            if other.files[offset].isCanonical { self.add(other.files[offset]) }
        }
    }

    mutating func reserve(_ fileCount: Int) {
        self.ids.reserveCapacity(fileCount)
        self.files.reserveCapacity(fileCount)
        self.tags.reserveCapacity(fileCount)
        self.measureBuffers()
    }

    private mutating func measureIDs() {
        self.lowestID = self.ids.min() ?? FileID(rawValue: .max)
        self.highestID = self.ids.max() ?? FileID(rawValue: .min)
    }
}

/// The marks of the files that are canonical.
extension FileChunk {
    mutating func mark(_ offset: Int) {
        self.files[offset].isCanonical = true
        self.add(self.files[offset])
    }

    /// Takes a file out of the chain; ``measureEnd()`` has to follow.
    mutating func unmark(_ offset: Int) {
        self.files[offset].isCanonical = false
        self.canonicalCount -= 1
        self.canonicalByteCount -= Int128(self.files[offset].size.byteCount)
    }

    mutating func measureEnd() {
        self.canonicalEnd = 0
        guard self.canonicalCount > 0 else { return }
        for offset in self.files.indices where self.files[offset].isCanonical {
            self.canonicalEnd = max(self.canonicalEnd, self.files[offset].end)
        }
    }

    private mutating func add(_ file: PackedSegment) {
        self.canonicalCount += 1
        self.canonicalByteCount += Int128(file.size.byteCount)
        self.canonicalEnd = max(self.canonicalEnd, file.end)
    }
}
