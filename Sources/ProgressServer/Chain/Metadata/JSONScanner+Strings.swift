/// A string in a document: the bytes between its quotes.
struct StringToken {
    var start: Int
    var end: Int
    /// Whether the bytes hold an escape and so are not the string's own.
    var isEscaped: Bool
}

extension JSONScanner {
    /// Moves past a string, checking its escapes and that it is valid UTF-8.
    mutating func scanString(
        _ bytes: Span<UInt8>,
        allowed: String = "a string"
    ) throws(FileMetadataError) -> StringToken {
        guard self.peek(bytes) == UInt8(ascii: "\"") else { throw self.fault(bytes, allowed) }
        self.offset += 1
        let start = self.offset
        var isEscaped = false
        while true {
            self.skipPlainCharacters(bytes)
            guard let byte = self.peek(bytes) else {
                throw self.fault(bytes, "a string with a closing quote")
            }
            if byte == UInt8(ascii: "\"") {
                self.offset += 1
                return StringToken(start: start, end: self.offset - 1, isEscaped: isEscaped)
            } else if byte == UInt8(ascii: "\\") {
                isEscaped = true
                _ = try self.scanEscape(bytes)
            } else if byte >= 0x80 {
                try self.skipMultibyteCharacter(bytes)
            } else {
                throw self.fault(bytes, "a string without control characters")
            }
        }
    }

    /// Moves past a key, and the white space before it.
    @inline(__always)
    mutating func scanKey(_ bytes: Span<UInt8>) throws(FileMetadataError) -> StringToken {
        self.skipWhitespace(bytes)
        return try self.scanString(bytes, allowed: "an object with a quoted key")
    }

    /// Moves up to the next byte that does not stand for itself in a string, or to the end.
    @inline(__always)
    private mutating func skipPlainCharacters(_ bytes: Span<UInt8>) {
        var place = self.offset
        while bytes.count - place >= 8 {
            let special = bytes.word(at: place).markingSpecialCharacters
            place += special.trailingZeroBitCount / 8
            if special != 0 {
                self.offset = place
                return
            }
        }
        while place < bytes.count, !bytes[place].isSpecialCharacter { place += 1 }
        self.offset = place
    }

    /// Whether a string that was scanned before is `text`, which must be ASCII.
    @inline(__always)
    func isString(
        _ token: StringToken,
        _ text: StaticString,
        _ bytes: Span<UInt8>
    ) throws(FileMetadataError) -> Bool {
        if token.isEscaped { return try self.unescaped(token, bytes) == Array("\(text)".utf8) }
        let count = text.utf8CodeUnitCount
        guard token.end - token.start == count else { return false }
        // `place` stays below the number of bytes of the text.
        for place in 0..<count
        where unsafe bytes[token.start + place] != text.utf8Start[place] { return false }
        return true
    }

    /// The bytes of a string that was scanned before, with its escapes resolved.
    func unescaped(
        _ token: StringToken,
        _ bytes: Span<UInt8>
    ) throws(FileMetadataError) -> [UInt8] {
        var scanner = self
        scanner.offset = token.start
        var result: [UInt8] = []
        result.reserveCapacity(token.end - token.start)
        while scanner.offset < token.end {
            if bytes[scanner.offset] == UInt8(ascii: "\\") {
                result.append(contentsOf: String(try scanner.scanEscape(bytes)).utf8)
            } else {
                result.append(bytes[scanner.offset])
                scanner.offset += 1
            }
        }
        return result
    }

    /// Moves past an escape, and past the second one of a surrogate pair.
    private mutating func scanEscape(
        _ bytes: Span<UInt8>
    ) throws(FileMetadataError) -> Unicode.Scalar {
        let allowed = "a string with valid escapes"
        self.offset += 1
        guard let letter = self.peek(bytes) else { throw self.fault(bytes, allowed) }
        self.offset += 1
        switch letter {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"):
            return Unicode.Scalar(letter)
        case UInt8(ascii: "b"): return "\u{8}"
        case UInt8(ascii: "f"): return "\u{C}"
        case UInt8(ascii: "n"): return "\n"
        case UInt8(ascii: "r"): return "\r"
        case UInt8(ascii: "t"): return "\t"
        case UInt8(ascii: "u"): break
        default: throw self.fault(bytes, allowed)
        }
        guard let unit = self.scanCodeUnit(bytes) else { throw self.fault(bytes, allowed) }
        if let scalar = Unicode.Scalar(unit) { return scalar }
        guard UTF16.isLeadSurrogate(unit), self.skip(word: "\\u", bytes),
            let trail = self.scanCodeUnit(bytes), UTF16.isTrailSurrogate(trail)
        else { throw self.fault(bytes, allowed) }
        return UTF16.decode(UTF16.EncodedScalar([unit, trail]))
    }

    /// Moves past four hexadecimal digits.
    private mutating func scanCodeUnit(_ bytes: Span<UInt8>) -> UInt16? {
        guard bytes.count - self.offset >= 4 else { return nil }
        var unit: UInt16 = 0
        for place in self.offset..<self.offset + 4 {
            guard let digit = bytes[place].hexDigitValue else { return nil }
            unit = unit << 4 | UInt16(digit)
        }
        self.offset += 4
        return unit
    }

    /// Moves past a character of two to four bytes of UTF-8.
    private mutating func skipMultibyteCharacter(
        _ bytes: Span<UInt8>
    ) throws(FileMetadataError) {
        let lead = bytes[self.offset]
        // The second byte's bounds rule out overlong forms, surrogates and what is past U+10FFFF.
        let (byteCount, second): (Int, ClosedRange<UInt8>) =
            switch lead {
            case 0xC2...0xDF: (2, 0x80...0xBF)
            case 0xE0: (3, 0xA0...0xBF)
            case 0xED: (3, 0x80...0x9F)
            case 0xE1...0xEF: (3, 0x80...0xBF)
            case 0xF0: (4, 0x90...0xBF)
            case 0xF1...0xF3: (4, 0x80...0xBF)
            case 0xF4: (4, 0x80...0x8F)
            default: (0, 0x80...0xBF)
            }
        guard byteCount > 0, bytes.count - self.offset >= byteCount,
            second ~= bytes[self.offset + 1],
            (2..<byteCount).allSatisfy({ bytes[self.offset + $0] & 0xC0 == 0x80 })
        else { throw self.fault(bytes, "a string of valid UTF-8") }
        self.offset += byteCount
    }
}
