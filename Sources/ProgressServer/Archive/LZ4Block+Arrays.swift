import ProgressRPC

extension LZ4Block {
    /// `raw` as a block; `raw` has at most ``ArchiveFormat/rawByteLimit`` bytes.
    static func compressed(_ raw: [UInt8]) -> [UInt8] {
        precondition(raw.count <= ArchiveFormat.rawByteLimit, "a block of \(raw.count) raw bytes")
        let room = Self.byteCountLimit(rawCount: raw.count)
        // The array takes as its count what was written to its start.
        return unsafe [UInt8](unsafeUninitializedCapacity: room) { block, count in
            let target = UnsafeMutableRawBufferPointer(block)
            let written = unsafe raw.withUnsafeBytes { unsafe Self.compress($0, into: target) }
            guard let written else { preconditionFailure("LZ4 needs more than its worst case") }
            count = written
        }
    }

    /// The raw bytes of a block; `nil` unless they are exactly `rawCount`.
    static func decompressed(_ block: ArraySlice<UInt8>, rawCount: Int) -> [UInt8]? {
        var isWhole = false
        // The array takes as its count what was written to its start.
        let raw = unsafe [UInt8](unsafeUninitializedCapacity: rawCount) { raw, count in
            // The array may have room for more.
            let room = unsafe UnsafeMutableRawBufferPointer(start: raw.baseAddress, count: rawCount)
            isWhole = unsafe block.withUnsafeBytes { unsafe Self.decompress($0, into: room) }
            count = isWhole ? rawCount : 0
        }
        return isWhole ? raw : nil
    }
}
