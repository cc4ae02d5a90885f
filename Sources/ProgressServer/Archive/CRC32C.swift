/// CRC-32C (Castagnoli): polynomial 0x1EDC6F41, reflected; of "123456789" it is 0xE3069283.
///
/// It finds every change of up to three bits in an archive of 256 MiB and every burst of up to 32. The
/// CRC-32 of the tokens is another polynomial in a module that the server must not see, and goes
/// byte by byte; this goes eight at a time ("slicing": Kounavis and Berry, 2005).
struct CRC32C {
    /// For byte k from the end of a word, at 256 k: what each value of it adds to the remainder.
    private static let tables: [UInt32] = {
        var tables = (UInt32(0)..<256).map { byte in
            (0..<8).reduce(byte) { value, _ in
                value & 1 == 1 ? 0x82F6_3B78 ^ (value >> 1) : value >> 1
            }
        }
        for place in 256..<8 * 256 {
            let value = tables[place - 256]
            tables.append(tables[Int(value & 0xFF)] ^ (value >> 8))
        }
        return tables
    }()

    private var remainder = ~UInt32(0)

    /// The checksum of all bytes so far.
    var value: UInt32 { ~self.remainder }

    mutating func update(_ bytes: Span<UInt8>) {
        let tables = Self.tables.span
        var remainder = self.remainder
        var offset = 0
        while offset + 8 <= bytes.count {
            // The load checks that the bytes are there, and any eight bytes are an integer.
            let load = unsafe bytes.bytes.unsafeLoadUnaligned(
                fromByteOffset: offset,
                as: UInt64.self
            )
            let word = UInt64(littleEndian: load) ^ UInt64(remainder)
            remainder =
                tables[0x700 + Int(word & 0xFF)]
                ^ tables[0x600 + Int(word >> 8 & 0xFF)]
                ^ tables[0x500 + Int(word >> 16 & 0xFF)]
                ^ tables[0x400 + Int(word >> 24 & 0xFF)]
                ^ tables[0x300 + Int(word >> 32 & 0xFF)]
                ^ tables[0x200 + Int(word >> 40 & 0xFF)]
                ^ tables[0x100 + Int(word >> 48 & 0xFF)]
                ^ tables[Int(word >> 56)]
            offset += 8
        }
        for place in offset..<bytes.count {
            let byte = Int(UInt8(truncatingIfNeeded: remainder) ^ bytes[place])
            remainder = tables[byte] ^ (remainder >> 8)
        }
        self.remainder = remainder
    }
}
