import CLZ4

/// One LZ4 block; its raw length is kept beside it by whoever keeps the block.
package enum LZ4Block {
    /// No block expands to more than this many times its size.
    package static let largestRatio = 255

    /// Most bytes of a block whose raw bytes are `rawCount`, at most 2^30.
    package static func byteCountLimit(rawCount: Int) -> Int {
        // A literal run costs one byte more for each 255, and a block 16 at most besides.
        rawCount + rawCount / 255 + 16
    }

    /// Compresses `raw` to the start of `block`.
    ///
    /// - Returns: The size of the block in bytes; `nil` if there is not enough room for it.
    package static func compress(
        _ raw: UnsafeRawBufferPointer,
        into block: UnsafeMutableRawBufferPointer
    ) -> Int? {
        guard let rawCount = CInt(exactly: raw.count), let room = CInt(exactly: block.count) else {
            return nil
        }
        // With less room than the worst case, LZ4 answers 0 instead of writing past it.
        let count = unsafe LZ4_compress_default(
            raw.baseAddress,
            block.baseAddress,
            rawCount,
            room
        )
        return count > 0 ? Int(count) : nil
    }

    /// Expands `block`, which may be hostile, to exactly fill `raw`.
    ///
    /// - Returns: `false` if it is no block, or gives fewer or more bytes than that.
    package static func decompress(
        _ block: UnsafeRawBufferPointer,
        into raw: UnsafeMutableRawBufferPointer
    ) -> Bool {
        guard let count = CInt(exactly: block.count), count > 0,
            let rawCount = CInt(exactly: raw.count)
        else { return false }
        let status = unsafe LZ4_decompress_safe(
            block.baseAddress,
            raw.baseAddress,
            count,
            rawCount
        )
        return status == rawCount
    }
}
