/// Bytes being written: fixed integers, little-endian, and numbers of one to ten bytes.
struct ByteOutput {
    private(set) var bytes: [UInt8] = []

    mutating func reserve(_ byteCount: Int) {
        self.bytes.reserveCapacity(byteCount)
    }

    mutating func append(_ more: [UInt8]) {
        self.bytes.append(contentsOf: more)
    }

    mutating func append<Integer: FixedWidthInteger>(integer: Integer) {
        // The bytes of an integer are initialized and are as many as it is wide.
        unsafe withUnsafeBytes(of: integer.littleEndian) { bytes in
            unsafe self.bytes.append(contentsOf: bytes)
        }
    }

    /// Appends LEB128: seven bits a byte, the lowest first, the high bit set on all but the last.
    mutating func append(number: UInt64) {
        var rest = number
        while rest >= 0x80 {
            self.bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        self.bytes.append(UInt8(truncatingIfNeeded: rest))
    }

    /// Appends how to come from `base` to `value` (mod 2^64), short in both directions: zigzag.
    mutating func append(step value: UInt64, from base: UInt64) {
        let difference = Int64(bitPattern: value &- base)
        self.append(number: UInt64(bitPattern: difference << 1 ^ difference >> 63))
    }

    /// Appends each value as the step from the one before it, the first from 0.
    mutating func append(steps values: some Sequence<UInt64>) {
        var base: UInt64 = 0
        for value in values {
            self.append(step: value, from: base)
            base = value
        }
    }
}
