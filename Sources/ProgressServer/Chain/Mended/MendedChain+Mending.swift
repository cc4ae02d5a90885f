extension MendedChain {
    /// Adds a file of one range with a new id.
    mutating func insert(_ file: PackedSegment, id: FileID) {
        let place = self.files.insert(file, id: id)
        // A file that does not link leaves the tail, and with it all marks, as they are.
        if let tail = self.tail(before: place), !file.follows(tail) { return }
        self.files.chunks[place.chunk].mark(place.offset)
        self.mend(from: place.next, after: ChainTail(file))
    }

    /// Removes a file of one range.
    mutating func remove(at place: FileChunks.Place) {
        if self.files[place].isCanonical {
            let tail = self.tail(before: place)
            // Mends first, because the removal moves other files.
            self.files.chunks[place.chunk].unmark(place.offset)
            self.files.chunks[place.chunk].measureEnd()
            self.mend(from: place.next, after: tail)
        }
        self.files.remove(at: place)
    }

    /// Replaces a file by one of the same id and the same place in the order.
    mutating func replace(at place: FileChunks.Place, with file: PackedSegment) {
        let old = self.files[place]
        let tail = self.tail(before: place)
        self.files.chunks[place.chunk].replace(at: place.offset, with: file)
        let isCanonical = tail.map { file.follows($0) } ?? true
        if isCanonical { self.files.chunks[place.chunk].mark(place.offset) }
        let newTail = isCanonical ? ChainTail(file) : tail
        // After the place the old chain had the same tail, so it goes on as it did.
        if newTail == (old.isCanonical ? ChainTail(old) : tail) { return }
        self.mend(from: place.next, after: newTail)
    }

    /// Marks all files as one pass from the first to the last finds them.
    mutating func markAll() {
        self.mend(from: FileChunks.Place(chunk: 0, offset: 0), after: nil)
    }

    /// The last canonical file before a place; `nil` if there is none.
    private mutating func tail(before place: FileChunks.Place) -> ChainTail? {
        var end = place.offset
        var index = place.chunk
        while true {
            if end > 0, self.files.chunks[index].canonicalCount > 0 {
                let files = self.files.chunks[index].files.prefix(end)
                let last = files.lastIndex { $0.isCanonical }
                self.lookCount += end - (last ?? 0)
                if let last { return ChainTail(files[last]) }
            }
            guard index > 0 else { return nil }
            index -= 1
            end = self.files.chunks[index].count
        }
    }

    /// Makes the pass from a place on, until it takes a file that was canonical before.
    ///
    /// - Parameter start: A place whose offset may be one past the end of its chunk.
    private mutating func mend(from start: FileChunks.Place, after tail: ChainTail?) {
        var tail = tail
        var offset = start.offset
        for index in self.files.chunks.indices.dropFirst(start.chunk) {
            let isPassed =
                self.files.chunks[index].canonicalCount == 0
                && tail.map { !self.files.chunks[index].mayFollow($0) } ?? false
            if !isPassed, self.files.chunks[index].mend(from: offset, &tail, &self.lookCount) {
                return
            }
            offset = 0
        }
    }
}

extension FileChunks.Place {
    /// The place after this one, in the same chunk.
    fileprivate var next: Self { Self(chunk: self.chunk, offset: self.offset + 1) }
}

extension FileChunk {
    /// Makes the pass from an offset to the end of the chunk, and counts the files it looks at.
    ///
    /// - Returns: Whether it took a file that was canonical before and stopped there.
    fileprivate mutating func mend(
        from start: Int,
        _ tail: inout ChainTail?,
        _ lookCount: inout Int
    ) -> Bool {
        var hasUnmarked = false
        defer { if hasUnmarked { self.measureEnd() } }
        for offset in self.files.indices.dropFirst(start) {
            lookCount += 1
            let wasCanonical = self.files[offset].isCanonical
            if tail.map({ self.files[offset].follows($0) }) ?? true {
                if wasCanonical { return true }
                self.mark(offset)
                tail = ChainTail(self.files[offset])
            } else if wasCanonical {
                self.unmark(offset)
                hasUnmarked = true
            }
        }
        return false
    }
}
