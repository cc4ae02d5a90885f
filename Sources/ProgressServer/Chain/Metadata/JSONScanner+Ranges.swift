extension JSONScanner {
    /// Moves past the value of `ranges`.
    mutating func scanRanges(
        _ bytes: Span<UInt8>,
        names: NetworkNames
    ) throws(FileMetadataError) -> BlockRanges {
        self.path.field = .ranges
        var ranges = BlockRanges()
        try self.scanArray(bytes) { scanner, index throws(FileMetadataError) in
            scanner.path = MetadataPath(field: .range, rangeIndex: index)
            ranges.append(try scanner.scanRange(bytes, names: names))
        }
        return ranges
    }

    private mutating func scanRange(
        _ bytes: Span<UInt8>,
        names: NetworkNames
    ) throws(FileMetadataError) -> BlockRange {
        var numbers: (start: UInt64, end: UInt64)?
        var network: Network?
        var hash: BlockHash?
        var previousHash: BlockHash??
        try self.scanObject(bytes) { scanner, key throws(FileMetadataError) in
            if try scanner.isString(key, "hash", bytes) {
                scanner.path.field = .hash
                hash = try scanner.scanHash(bytes)
            } else if try scanner.isString(key, "prev_hash", bytes) {
                scanner.path.field = .previousHash
                previousHash = .some(
                    scanner.skip(word: "null", bytes) ? nil : try scanner.scanHash(bytes)
                )
            } else if try scanner.isString(key, "numbers", bytes) {
                numbers = try scanner.scanNumbers(bytes)
            } else if try scanner.isString(key, "network", bytes) {
                scanner.path.field = .network
                network = try scanner.scanNetwork(bytes, names: names)
            } else if try scanner.isString(key, "timestamp", bytes) {
                scanner.path.field = .timestamp
                try scanner.skipOptionalInteger(bytes)
            } else {
                try scanner.skipValue(bytes, depth: 3)
            }
        }
        guard let numbers else { throw self.missing(.numbers, "an object") }
        guard let network else { throw self.missing(.network, "a string") }
        guard let hash else { throw self.missing(.hash, Self.hashRule) }
        guard let previousHash else {
            throw self.missing(.previousHash, "\(Self.hashRule), or null")
        }
        return BlockRange(
            network: network,
            start: numbers.start,
            end: numbers.end,
            hash: hash,
            previousHash: previousHash
        )
    }

    private mutating func scanNetwork(
        _ bytes: Span<UInt8>,
        names: NetworkNames
    ) throws(FileMetadataError) -> Network {
        let token = try self.scanString(bytes)
        let network: Network?
        let byteCount: Int
        if token.isEscaped {
            let name = try self.unescaped(token, bytes)
            byteCount = name.count
            network = names.network(named: name.span)
        } else {
            byteCount = token.end - token.start
            network = names.network(named: bytes.extracting(token.start..<token.end))
        }
        if let network { return network }
        let limit = NetworkNames.nameByteLimit
        guard 1...limit ~= byteCount else {
            throw FileMetadataError(
                path: self.path.text,
                found: "a string of \(byteCount) bytes",
                allowed: "a string of 1 to \(limit) bytes"
            )
        }
        throw FileMetadataError(
            path: self.path.text,
            found: "a new name after \(NetworkNames.nameLimit) others",
            allowed: "one of at most \(NetworkNames.nameLimit) different names"
        )
    }

    private static var hashRule: String {
        "a string of 64 hexadecimal digits or an array of 32 bytes"
    }

    private mutating func scanHash(_ bytes: Span<UInt8>) throws(FileMetadataError) -> BlockHash {
        if let hash = self.scanPlainHash(bytes) { return hash }
        if self.peek(bytes) == UInt8(ascii: "[") { return try self.scanHashBytes(bytes) }
        let token = try self.scanString(bytes, allowed: Self.hashRule)
        let hash: BlockHash?
        if token.isEscaped {
            let digits = try self.unescaped(token, bytes)
            hash = BlockHash(hexDigits: digits.span, from: 0, to: digits.count)
        } else {
            hash = BlockHash(hexDigits: bytes, from: token.start, to: token.end)
        }
        guard let hash else {
            throw FileMetadataError(
                path: self.path.text,
                found: "another string",
                allowed: Self.hashRule
            )
        }
        return hash
    }

    /// Moves past a hash in the form that writers use: a string of `0x` and digits, no escapes.
    private mutating func scanPlainHash(_ bytes: Span<UInt8>) -> BlockHash? {
        let start = self.offset + 1
        let end = start + BlockHash.textByteCount
        guard end < bytes.count, bytes[start - 1] == UInt8(ascii: "\""),
            bytes[end] == UInt8(ascii: "\""),
            let hash = BlockHash(hexDigits: bytes, from: start, to: end)
        else { return nil }
        self.offset = end + 1
        return hash
    }

    private mutating func scanHashBytes(
        _ bytes: Span<UInt8>
    ) throws(FileMetadataError) -> BlockHash {
        var values: [UInt8] = []
        values.reserveCapacity(BlockHash.byteCount)
        try self.scanArray(bytes) { scanner, index throws(FileMetadataError) in
            let value = try scanner.scanInteger(bytes, upTo: UInt64(UInt8.max))
            // One more than a hash has, to know that there are too many.
            if index <= BlockHash.byteCount { values.append(UInt8(truncatingIfNeeded: value)) }
        }
        guard let hash = BlockHash(bytes: values) else {
            throw FileMetadataError(
                path: self.path.text,
                found: "an array of another length",
                allowed: Self.hashRule
            )
        }
        return hash
    }
}
