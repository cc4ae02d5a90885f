extension JSONScanner {
    /// Moves past an integer from 0 to `limit`, written without sign, fraction and exponent.
    mutating func scanInteger(
        _ bytes: Span<UInt8>,
        upTo limit: UInt64 = .max
    ) throws(FileMetadataError) -> UInt64 {
        let start = self.offset
        var value: UInt64 = 0
        var overflow = false
        while let byte = self.peek(bytes), 0x30...0x39 ~= byte {
            let (tens, tensOverflow) = value.multipliedReportingOverflow(by: 10)
            let (sum, sumOverflow) = tens.addingReportingOverflow(UInt64(byte &- 0x30))
            overflow = overflow || tensOverflow || sumOverflow
            value = sum
            self.offset += 1
        }
        let digitCount = self.offset - start
        let hasLeadingZero = digitCount > 1 && bytes[start] == 0x30
        guard digitCount > 0, !hasLeadingZero, !overflow, value <= limit, self.isAtDelimiter(bytes)
        else {
            self.offset = start
            throw self.fault(bytes, "an integer from 0 to \(limit)")
        }
        return value
    }

    /// Moves past any number that JSON allows.
    mutating func skipNumber(_ bytes: Span<UInt8>) throws(FileMetadataError) {
        let start = self.offset
        if self.peek(bytes) == UInt8(ascii: "-") { self.offset += 1 }
        let hasLeadingZero = self.peek(bytes) == UInt8(ascii: "0")
        let integerDigitCount = self.skipDigits(bytes)
        var isNumber = integerDigitCount > 0 && !(hasLeadingZero && integerDigitCount > 1)
        if self.peek(bytes) == UInt8(ascii: ".") {
            self.offset += 1
            isNumber = self.skipDigits(bytes) > 0 && isNumber
        }
        if let byte = self.peek(bytes), byte == UInt8(ascii: "e") || byte == UInt8(ascii: "E") {
            self.offset += 1
            if let sign = self.peek(bytes), sign == UInt8(ascii: "+") || sign == UInt8(ascii: "-") {
                self.offset += 1
            }
            isNumber = self.skipDigits(bytes) > 0 && isNumber
        }
        guard isNumber, self.isAtDelimiter(bytes) else {
            self.offset = start
            throw self.fault(bytes, "a JSON value")
        }
    }

    private mutating func skipDigits(_ bytes: Span<UInt8>) -> Int {
        let start = self.offset
        while let byte = self.peek(bytes), 0x30...0x39 ~= byte {
            self.offset += 1
        }
        return self.offset - start
    }

    /// Whether no byte that could go on with a number or a word is next.
    private func isAtDelimiter(_ bytes: Span<UInt8>) -> Bool {
        switch self.peek(bytes) {
        case nil, 0x20, 0x0A, 0x0D, 0x09, UInt8(ascii: ","), UInt8(ascii: "}"), UInt8(ascii: "]"):
            true
        default:
            false
        }
    }
}
