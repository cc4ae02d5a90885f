/// The files of one range of a table revision, in the order of ``OrderKey``, in chunks.
///
/// A change moves at most the files of one chunk. A full chunk is split, but a file after its last one
/// goes to the next chunk, so files that come in order leave full chunks behind; two neighbours
/// that hold half a chunk together are merged. So after any changes a chunk is on average at least a
/// quarter full, and mostly more than half.
struct FileChunks: Sendable {
    /// A place among the files.
    struct Place: Equatable {
        var chunk: Int
        var offset: Int
    }

    /// Most files in a chunk; at least 2.
    let chunkFileLimit: Int
    /// No chunk is empty.
    var chunks: [FileChunk] = []
    private(set) var count = 0
    /// No file has a higher id; it need not be the id of a file.
    private var idBound = FileID(rawValue: .min)

    init(chunkFileLimit: Int) {
        precondition(chunkFileLimit >= 2, "a chunk holds 2 files or more, not \(chunkFileLimit)")
        self.chunkFileLimit = chunkFileLimit
    }

    /// The place of a file.
    ///
    /// O(1) for an id above all so far. Otherwise all chunks are asked, and the ids of each that spans
    /// `id` are read: mostly those of few chunks, in the worst case those of all files.
    func place(of id: FileID) -> Place? {
        guard id <= self.idBound else { return nil }
        for chunk in self.chunks.indices {
            if let offset = self.chunks[chunk].offset(of: id) {
                return Place(chunk: chunk, offset: offset)
            }
        }
        return nil
    }

    subscript(place: Place) -> PackedSegment {
        self.chunks[place.chunk].files[place.offset]
    }

    /// Inserts a file with a new id where it belongs.
    mutating func insert(_ file: PackedSegment, id: FileID) -> Place {
        let key = OrderKey(start: file.start, lastModified: file.lastModified, id: id)
        let place = self.room(at: self.place(for: key))
        let limit = self.chunkFileLimit
        self.chunks[place.chunk].insert(file, id: id, at: place.offset, limit: limit)
        self.count += 1
        self.idBound = max(self.idBound, id)
        return place
    }

    /// Removes a file; places from there on are others afterwards.
    mutating func remove(at place: Place) {
        let chunk = place.chunk
        self.chunks[chunk].remove(at: place.offset)
        self.count -= 1
        if self.chunks[chunk].count == 0 {
            self.chunks.remove(at: chunk)
        } else if self.isMergeable(chunk) {
            self.merge(chunk)
        } else if chunk > 0, self.isMergeable(chunk - 1) {
            self.merge(chunk - 1)
        }
    }

    /// Moves all files into full chunks, and gives the memory of the old ones back on the way.
    mutating func pack() {
        let isPacked = self.chunks.dropLast().allSatisfy { $0.count == self.chunkFileLimit }
        if isPacked { return }
        var packed: [FileChunk] = []
        packed.reserveCapacity(self.count / self.chunkFileLimit + 1)
        var left = self.count
        for index in self.chunks.indices {
            let chunk = self.chunks[index]
            self.chunks[index] = FileChunk()
            var taken = 0
            while taken < chunk.count {
                if packed.last.map({ $0.count == self.chunkFileLimit }) ?? true {
                    packed.append(FileChunk())
                    packed[packed.count - 1].reserve(min(left, self.chunkFileLimit))
                }
                let last = packed.count - 1
                let room = self.chunkFileLimit - packed[last].count
                let end = min(chunk.count, taken + room)
                packed[last].append(chunk, taken..<end)
                left -= end - taken
                taken = end
            }
        }
        self.chunks = packed
    }
}

extension FileChunks {
    /// Where a file belongs: in the last chunk that does not begin after it, if there is a chunk.
    private func place(for key: OrderKey) -> Place {
        var (low, high) = (0, self.chunks.count)
        while low < high {
            let middle = low + (high - low) / 2
            if self.chunks[middle].key(at: 0) < key { low = middle + 1 } else { high = middle }
        }
        guard low > 0 else { return Place(chunk: 0, offset: 0) }
        return Place(chunk: low - 1, offset: self.chunks[low - 1].offset(for: key))
    }

    /// A place between the same files in a chunk that is not full.
    private mutating func room(at place: Place) -> Place {
        let limit = self.chunkFileLimit
        guard place.chunk < self.chunks.count else {
            self.chunks.append(FileChunk())
            return place
        }
        guard self.chunks[place.chunk].count == limit else { return place }
        if place.offset == limit {
            let next = place.chunk + 1
            if next == self.chunks.count || self.chunks[next].count == limit {
                self.chunks.insert(FileChunk(), at: next)
            }
            return Place(chunk: next, offset: 0)
        }
        // Only before the first file of all: elsewhere the chunk before would have taken the file.
        if place.offset == 0 {
            self.chunks.insert(FileChunk(), at: 0)
            return place
        }
        let half = limit / 2
        let (lower, upper) = self.chunks[place.chunk].split(at: half)
        self.chunks[place.chunk] = lower
        self.chunks.insert(upper, at: place.chunk + 1)
        return place.offset <= half
            ? place : Place(chunk: place.chunk + 1, offset: place.offset - half)
    }

    /// Whether the chunk and the next one hold half a chunk together.
    private func isMergeable(_ chunk: Int) -> Bool {
        chunk + 1 < self.chunks.count
            && self.chunks[chunk].count + self.chunks[chunk + 1].count <= self.chunkFileLimit / 2
    }

    private mutating func merge(_ chunk: Int) {
        self.chunks[chunk] = self.chunks[chunk].joined(with: self.chunks[chunk + 1])
        self.chunks.remove(at: chunk + 1)
    }
}
