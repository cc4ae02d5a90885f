/// A position in the bytes of a JSON document (RFC 8259), and the steps that move it.
///
/// Strict: no byte order mark, comments, trailing commas or non-JSON numbers, and strings must be
/// valid UTF-8. The bytes are a parameter of each step, because a stored span needs a feature that
/// the language has only as an experiment.
struct JSONScanner {
    /// Deepest nesting of arrays and objects, the document's own object included.
    static let depthLimit = 64

    /// The number of bytes scanned.
    var offset = 0
    /// What is being scanned, for errors.
    var path = MetadataPath()

    /// The byte at the current position; `nil` at the end.
    @inline(__always)
    func peek(_ bytes: Span<UInt8>) -> UInt8? {
        self.offset < bytes.count ? bytes[self.offset] : nil
    }

    @inline(__always)
    mutating func skipWhitespace(_ bytes: Span<UInt8>) {
        while self.offset < bytes.count {
            switch bytes[self.offset] {
            case 0x20, 0x0A, 0x0D, 0x09: self.offset += 1
            default: return
            }
        }
    }

    /// Moves past `byte` and the white space before it, if it is next.
    @inline(__always)
    mutating func skip(_ byte: UInt8, _ bytes: Span<UInt8>) -> Bool {
        self.skipWhitespace(bytes)
        guard self.peek(bytes) == byte else { return false }
        self.offset += 1
        return true
    }

    /// Moves past an object, and calls `member` at the value of each member, with its key.
    @inline(__always)
    mutating func scanObject(
        _ bytes: Span<UInt8>,
        member: (inout Self, StringToken) throws(FileMetadataError) -> Void
    ) throws(FileMetadataError) {
        guard self.skip(UInt8(ascii: "{"), bytes) else { throw self.fault(bytes, "an object") }
        if self.skip(UInt8(ascii: "}"), bytes) { return }
        let path = self.path
        repeat {
            self.path = path
            let key = try self.scanKey(bytes)
            guard self.skip(UInt8(ascii: ":"), bytes) else {
                throw self.fault(bytes, "a colon after a key")
            }
            self.skipWhitespace(bytes)
            try member(&self, key)
            self.path = path
        } while self.skip(UInt8(ascii: ","), bytes)
        guard self.skip(UInt8(ascii: "}"), bytes) else {
            throw self.fault(bytes, "a comma or the end of the object")
        }
    }

    /// Moves past an array, and calls `element` at each element, with its index.
    @inline(__always)
    mutating func scanArray(
        _ bytes: Span<UInt8>,
        allowed: String = "an array",
        element: (inout Self, Int) throws(FileMetadataError) -> Void
    ) throws(FileMetadataError) {
        guard self.skip(UInt8(ascii: "["), bytes) else { throw self.fault(bytes, allowed) }
        if self.skip(UInt8(ascii: "]"), bytes) { return }
        let path = self.path
        var index = 0
        repeat {
            self.skipWhitespace(bytes)
            try element(&self, index)
            self.path = path
            index += 1
        } while self.skip(UInt8(ascii: ","), bytes)
        guard self.skip(UInt8(ascii: "]"), bytes) else {
            throw self.fault(bytes, "a comma or the end of the array")
        }
    }

    /// Moves past the word, such as `null`, if it is next.
    mutating func skip(word: StaticString, _ bytes: Span<UInt8>) -> Bool {
        let text = word.description.utf8
        guard bytes.count - self.offset >= text.count else { return false }
        var end = self.offset
        for byte in text {
            if bytes[end] != byte { return false }
            end += 1
        }
        self.offset = end
        return true
    }
}
