extension JSONScanner {
    /// The error that a required value is absent.
    func missing(_ field: MetadataPath.Field, _ allowed: String) -> FileMetadataError {
        var path = self.path
        path.field = field
        return FileMetadataError(path: path.text, found: "missing", allowed: allowed)
    }

    /// Moves past an integer or `null`.
    mutating func skipOptionalInteger(_ bytes: Span<UInt8>) throws(FileMetadataError) {
        if self.skip(word: "null", bytes) { return }
        _ = try self.scanInteger(bytes)
    }

    /// Moves past the value of `created_at`.
    mutating func scanCreatedAt(_ bytes: Span<UInt8>) throws(FileMetadataError) -> FileTime {
        self.path.field = .createdAt
        var seconds: UInt64?
        var nanoseconds: UInt32?
        try self.scanObject(bytes) { scanner, key throws(FileMetadataError) in
            if try scanner.isString(key, "secs", bytes) {
                scanner.path.field = .seconds
                seconds = try scanner.scanInteger(bytes)
            } else if try scanner.isString(key, "nanos", bytes) {
                scanner.path.field = .nanoseconds
                let value = try scanner.scanInteger(bytes, upTo: UInt64(UInt32.max))
                nanoseconds = UInt32(truncatingIfNeeded: value)
            } else {
                throw scanner.unknownKey("an object of secs and nanos only")
            }
        }
        guard let seconds else { throw self.missing(.seconds, "an integer") }
        guard let nanoseconds else { throw self.missing(.nanoseconds, "an integer") }
        return FileTime(seconds: seconds, nanoseconds: nanoseconds)
    }

    /// Moves past the value of `numbers`.
    mutating func scanNumbers(
        _ bytes: Span<UInt8>
    ) throws(FileMetadataError) -> (start: UInt64, end: UInt64) {
        self.path.field = .numbers
        var start: UInt64?
        var end: UInt64?
        try self.scanObject(bytes) { scanner, key throws(FileMetadataError) in
            if try scanner.isString(key, "start", bytes) {
                scanner.path.field = .start
                start = try scanner.scanInteger(bytes)
            } else if try scanner.isString(key, "end", bytes) {
                scanner.path.field = .end
                end = try scanner.scanInteger(bytes)
            } else {
                throw scanner.unknownKey("an object of start and end only")
            }
        }
        guard let start else { throw self.missing(.start, "an integer") }
        guard let end else { throw self.missing(.end, "an integer") }
        return (start, end)
    }

    private func unknownKey(_ allowed: String) -> FileMetadataError {
        FileMetadataError(
            path: self.path.text,
            found: "an object with an unknown key",
            allowed: allowed
        )
    }
}
