import NIOCore

/// LZ4 blocks behind their raw length; `protocol/SPEC.md`, section 10.
enum Compression {
    /// The size of the raw length before a block, in bytes.
    static let prefixByteCount = 4

    /// Appends the readable bytes of `raw`, compressed, to `buffer`.
    ///
    /// - Returns: `false`, with `buffer` as it was, unless that saves an eighth.
    static func compress(_ raw: ByteBuffer, into buffer: inout ByteBuffer) -> Bool {
        let rawCount = raw.readableBytes
        let worthwhile = rawCount - rawCount / 8 - Self.prefixByteCount
        guard rawCount > 0, rawCount < Limits.payloadByteCountEnd, worthwhile > 0 else {
            return false
        }
        let start = buffer.writerIndex
        buffer.writeInteger(UInt32(rawCount), endianness: .little)
        let written = unsafe buffer.writeWithUnsafeMutableBytes(minimumWritableBytes: worthwhile) {
            target in
            unsafe raw.withUnsafeReadableBytes { source in
                let room = unsafe UnsafeMutableRawBufferPointer(rebasing: target[..<worthwhile])
                return unsafe LZ4Block.compress(source, into: room) ?? 0
            }
        }
        guard written > 0 else {
            buffer.moveWriterIndex(to: start)
            return false
        }
        return true
    }

    /// The raw bytes of a compressed body.
    ///
    /// - Parameter limit: The most raw bytes that the receiver takes; checked, like the largest
    ///   possible ratio, before anything is allocated.
    /// - Throws: ``WireError`` with `badCompression`.
    static func decompress(_ body: ByteBuffer, limit: Int) throws(WireError) -> ByteBuffer {
        var block = body
        guard let announced = block.readInteger(endianness: .little, as: UInt32.self) else {
            throw Self.bad("compressed body has \(body.readableBytes) bytes; its length needs 4")
        }
        let rawCount = Int(announced)
        guard rawCount <= limit else {
            throw Self.bad("compressed body announces \(rawCount) bytes; the limit is \(limit)")
        }
        guard rawCount <= LZ4Block.largestRatio * block.readableBytes else {
            throw Self.bad(
                "compressed body announces \(rawCount) bytes from \(block.readableBytes); "
                    + "LZ4 gives at most \(LZ4Block.largestRatio) for one"
            )
        }
        var raw = ByteBuffer()
        var isWhole = false
        _ = unsafe raw.writeWithUnsafeMutableBytes(minimumWritableBytes: rawCount) { target in
            unsafe block.withUnsafeReadableBytes { source in
                let room = unsafe UnsafeMutableRawBufferPointer(rebasing: target[..<rawCount])
                isWhole = unsafe LZ4Block.decompress(source, into: room)
            }
            return isWhole ? rawCount : 0
        }
        guard isWhole else {
            throw Self.bad("compressed body does not give the \(rawCount) bytes that it announces")
        }
        return raw
    }

    private static func bad(_ message: String) -> WireError {
        WireError(code: .badCompression, message: message)
    }
}
