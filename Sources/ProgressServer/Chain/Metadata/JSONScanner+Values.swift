extension JSONScanner {
    /// Moves past any value; `depth` is the number of arrays and objects around it.
    mutating func skipValue(_ bytes: Span<UInt8>, depth: Int) throws(FileMetadataError) {
        self.skipWhitespace(bytes)
        switch self.peek(bytes) {
        case UInt8(ascii: "\""):
            _ = try self.scanString(bytes)
        case UInt8(ascii: "{"):
            try self.checkDepth(depth, bytes)
            try self.scanObject(bytes) { scanner, _ throws(FileMetadataError) in
                try scanner.skipValue(bytes, depth: depth + 1)
            }
        case UInt8(ascii: "["):
            try self.checkDepth(depth, bytes)
            try self.scanArray(bytes) { scanner, _ throws(FileMetadataError) in
                try scanner.skipValue(bytes, depth: depth + 1)
            }
        default:
            if self.skip(word: "null", bytes) { return }
            if self.skip(word: "true", bytes) { return }
            if self.skip(word: "false", bytes) { return }
            try self.skipNumber(bytes)
        }
    }

    /// Checks that one more array or object may be opened inside of `depth` others.
    private func checkDepth(_ depth: Int, _ bytes: Span<UInt8>) throws(FileMetadataError) {
        guard depth < Self.depthLimit else {
            throw FileMetadataError(
                path: self.path.text,
                found: "nested deeper than \(Self.depthLimit) levels",
                allowed: "nested at most \(Self.depthLimit) levels deep"
            )
        }
    }

    /// The error that what is next is not what is allowed.
    func fault(_ bytes: Span<UInt8>, _ allowed: String) -> FileMetadataError {
        FileMetadataError(path: self.path.text, found: self.found(bytes), allowed: allowed)
    }

    /// Names what is next: the kind of value, or the first bytes of a number or word.
    private func found(_ bytes: Span<UInt8>) -> String {
        var scanner = self
        scanner.skipWhitespace(bytes)
        guard let byte = scanner.peek(bytes) else { return "cut off at the end" }
        switch byte {
        case UInt8(ascii: "\""): return "a string"
        case UInt8(ascii: "{"): return "an object"
        case UInt8(ascii: "["): return "an array"
        default: break
        }
        var word = ""
        while let byte = scanner.peek(bytes), word.utf8.count < 24, Self.isWordByte(byte) {
            word.unicodeScalars.append(Unicode.Scalar(byte))
            scanner.offset += 1
        }
        return word.isEmpty ? "broken at byte 0x\(String(byte, radix: 16))" : word
    }

    /// Whether the byte can be part of a number or a word.
    private static func isWordByte(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x30...0x39, 0x41...0x5A, 0x61...0x7A: true
        case UInt8(ascii: "+"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"): true
        default: false
        }
    }
}
