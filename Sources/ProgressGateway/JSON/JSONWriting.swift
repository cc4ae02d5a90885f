package import NIOCore

extension ByteBuffer {
    /// Writes `text` as a JSON string, quotes included.
    ///
    /// Only what RFC 8259 requires is escaped, as serde does: quote, backslash, and characters
    /// below U+0020.
    package mutating func writeJSON(_ text: String) {
        self.writeInteger(UInt8(ascii: "\""))
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "\""): self.writeStaticString("\\\"")
            case UInt8(ascii: "\\"): self.writeStaticString("\\\\")
            case 0x08: self.writeStaticString("\\b")
            case 0x09: self.writeStaticString("\\t")
            case 0x0A: self.writeStaticString("\\n")
            case 0x0C: self.writeStaticString("\\f")
            case 0x0D: self.writeStaticString("\\r")
            case 0x00..<0x20:
                let digits = Array("0123456789abcdef".utf8)
                self.writeStaticString("\\u00")
                self.writeInteger(digits[Int(byte >> 4)])
                self.writeInteger(digits[Int(byte & 15)])
            default: self.writeInteger(byte)
            }
        }
        self.writeInteger(UInt8(ascii: "\""))
    }

    /// Writes `value` as a JSON number, or `null`.
    package mutating func writeJSON(_ value: Int64?) {
        if let value {
            self.writeString(String(value))
        } else {
            self.writeStaticString("null")
        }
    }
}
