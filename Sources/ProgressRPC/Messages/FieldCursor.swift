/// A place in an encoded message, which it reads field by field without copying or allocating.
///
/// It takes and refuses what the decoder of SwiftProtobuf does, byte for byte.
struct FieldCursor {
    /// Bytes that cannot be a message.
    struct Malformed: Error {}

    /// How a field's value is laid out.
    enum WireType: UInt8 {
        case varint = 0
        case fixed64 = 1
        case lengthDelimited = 2
        case startGroup = 3
        case endGroup = 4
        case fixed32 = 5
    }

    struct Tag {
        var number: UInt32
        var wireType: WireType
    }

    /// Most groups of an unknown field that may lie in one another; with the message itself 100.
    static let groupDepth = 99
    /// One more than the longest value that a field of bytes may announce.
    static let byteCountEnd: UInt64 = 0x7FFF_FFFF

    private var offset = 0

    /// The tag of the next field; `nil` at the end.
    mutating func nextTag(in bytes: Span<UInt8>) throws(Malformed) -> Tag? {
        guard self.offset < bytes.count else { return nil }
        let start = self.offset
        let tag = try self.tag(in: bytes)
        // Only inside a group is a tag longer than five bytes taken.
        guard self.offset - start <= 5, tag.wireType != .endGroup else { throw Malformed() }
        return tag
    }

    mutating func varint(in bytes: Span<UInt8>) throws(Malformed) -> UInt64 {
        var value: UInt64 = 0
        var shift: UInt64 = 0
        while shift < 70 {
            guard self.offset < bytes.count else { throw Malformed() }
            let byte = bytes[self.offset]
            self.offset += 1
            // Of a tenth byte the lowest bit counts, and nothing is made of the others.
            value |= UInt64(byte & 0x7F) &<< shift
            if byte & 0x80 == 0 { return value }
            shift += 7
        }
        throw Malformed()
    }

    /// Where the value of a field of bytes lies; the cursor moves behind it.
    mutating func byteRange(in bytes: Span<UInt8>) throws(Malformed) -> Range<Int> {
        let count = try self.varint(in: bytes)
        guard count < Self.byteCountEnd else { throw Malformed() }
        let start = self.offset
        try self.advance(by: count, in: bytes)
        return start..<self.offset
    }

    /// Moves behind the value of a field that nobody asked for.
    mutating func skip(_ tag: Tag, in bytes: Span<UInt8>) throws(Malformed) {
        try self.skip(tag, in: bytes, depth: 0)
    }

    private mutating func skip(
        _ tag: Tag,
        in bytes: Span<UInt8>,
        depth: Int
    ) throws(Malformed) {
        switch tag.wireType {
        case .varint: _ = try self.varint(in: bytes)
        case .fixed64: try self.advance(by: 8, in: bytes)
        case .fixed32: try self.advance(by: 4, in: bytes)
        case .lengthDelimited: try self.advance(by: try self.varint(in: bytes), in: bytes)
        case .endGroup: throw Malformed()
        case .startGroup:
            guard depth < Self.groupDepth else { throw Malformed() }
            while true {
                let inner = try self.tag(in: bytes)
                if inner.wireType == .endGroup {
                    guard inner.number == tag.number else { throw Malformed() }
                    return
                }
                try self.skip(inner, in: bytes, depth: depth + 1)
            }
        }
    }

    private mutating func tag(in bytes: Span<UInt8>) throws(Malformed) -> Tag {
        let value = try self.varint(in: bytes)
        guard let narrow = UInt32(exactly: value), narrow >= 8,
            let wireType = WireType(rawValue: UInt8(narrow & 7))
        else { throw Malformed() }
        return Tag(number: narrow >> 3, wireType: wireType)
    }

    private mutating func advance(by count: UInt64, in bytes: Span<UInt8>) throws(Malformed) {
        guard count <= UInt64(bytes.count - self.offset) else { throw Malformed() }
        self.offset += Int(count)
    }
}
