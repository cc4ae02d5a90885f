/// Bytes being read, which may be hostile; the counterpart of ``ByteOutput``.
struct ByteInput {
    private let bytes: [UInt8]
    private var offset = 0

    init(_ bytes: [UInt8]) {
        self.bytes = bytes
    }

    /// The number of bytes not yet read.
    var remaining: Int { self.bytes.count - self.offset }

    /// - Throws: ``ArchiveError`` with code `damaged` if fewer bytes are left; so do all reads.
    mutating func bytes(_ count: Int) throws(ArchiveError) -> ArraySlice<UInt8> {
        guard count <= self.remaining else {
            throw .damaged("\(count) bytes are announced where \(self.remaining) are left")
        }
        defer { self.offset += count }
        return self.bytes[self.offset..<self.offset + count]
    }

    mutating func integer<Integer: FixedWidthInteger & BitwiseCopyable>(
        _: Integer.Type
    ) throws(ArchiveError) -> Integer {
        let count = Integer.bitWidth / 8
        guard count <= self.remaining else {
            throw .damaged("an integer of \(count) bytes has \(self.remaining)")
        }
        defer { self.offset += count }
        // The load checks that the bytes are there, and any bytes are an integer.
        let loaded = unsafe self.bytes.span.bytes.unsafeLoadUnaligned(
            fromByteOffset: self.offset,
            as: Integer.self
        )
        return Integer(littleEndian: loaded)
    }

    /// A number in LEB128, of at most 64 bits.
    mutating func number() throws(ArchiveError) -> UInt64 {
        var number: UInt64 = 0
        var shift: UInt64 = 0
        while self.offset < self.bytes.count {
            let byte = self.bytes[self.offset]
            self.offset += 1
            guard shift < 63 || byte <= 1 else { throw .damaged("a number has over 64 bits") }
            number |= UInt64(byte & 0x7F) << shift
            if byte < 0x80 { return number }
            shift += 7
        }
        throw .damaged("a number has no end")
    }

    /// A number that counts something and is at most `limit`.
    mutating func count(of noun: String, limit: Int) throws(ArchiveError) -> Int {
        let number = try self.number()
        guard let count = Int(exactly: number), count <= limit else {
            throw .damaged("there are \(number) \(noun); the limit is \(limit)")
        }
        return count
    }

    /// The difference (mod 2^64) that a step stands for.
    static func difference(_ step: UInt64) -> UInt64 {
        step >> 1 ^ (0 &- (step & 1))
    }

    /// `count` values, each a step from the one before it, the first from 0.
    mutating func steps(_ count: Int) throws(ArchiveError) -> [UInt64] {
        var base: UInt64 = 0
        return try self.column(count) { input throws(ArchiveError) in
            base &+= Self.difference(try input.number())
            return base
        }
    }

    mutating func numbers(_ count: Int) throws(ArchiveError) -> [UInt64] {
        try self.column(count) { input throws(ArchiveError) in try input.number() }
    }

    /// `count` values of at least one byte each.
    private mutating func column(
        _ count: Int,
        _ next: (inout Self) throws(ArchiveError) -> UInt64
    ) throws(ArchiveError) -> [UInt64] {
        // Before anything is allocated.
        guard count <= self.remaining else {
            throw .damaged("\(count) numbers are announced in \(self.remaining) bytes")
        }
        var values: [UInt64] = []
        values.reserveCapacity(count)
        for _ in 0..<count { values.append(try next(&self)) }
        return values
    }
}
