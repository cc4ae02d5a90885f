import CLibPQ

/// One row of a result, read in place from libpq's memory.
///
/// Valid only while it is handed to a closure; it cannot be copied out.
@safe package struct Row: ~Copyable {
    private let result: OpaquePointer
    private let index: CInt

    init(result: OpaquePointer, index: CInt) {
        unsafe self.result = result
        self.index = index
    }

    package func isNull(_ column: Int) -> Bool {
        unsafe PQgetisnull(self.result, self.index, CInt(column)) == 1
    }

    /// Lends the bytes of a value, as PostgreSQL sent them; NULL has none.
    package func withBytes<Value, Failure: Error>(
        _ column: Int,
        _ body: (Span<UInt8>) throws(Failure) -> Value
    ) throws(Failure) -> Value {
        let count = unsafe PQgetlength(self.result, self.index, CInt(column))
        let start = unsafe PQgetvalue(self.result, self.index, CInt(column))
        let bytes = unsafe UnsafeRawBufferPointer(start: start, count: Int(count))
        return try body(unsafe bytes.assumingMemoryBound(to: UInt8.self).span)
    }

    /// Lends the text of a binary `jsonb` value, without its version byte.
    ///
    /// - Throws: ``PostgresError`` of kind `invalidValue` if the version is not 1.
    package func withJSON<Value>(
        _ column: Int,
        _ body: (Span<UInt8>) -> Value
    ) throws(PostgresError) -> Value {
        try self.withBytes(column) { bytes throws(PostgresError) in
            guard bytes.count >= 1, bytes[0] == 1 else {
                throw PostgresError(.invalidValue, "column \(column) is no jsonb of version 1")
            }
            return body(bytes.extracting(1..<bytes.count))
        }
    }

    /// A `bigint`.
    ///
    /// - Throws: ``PostgresError`` of kind `invalidValue` if the value is NULL or of another width.
    package func int64(_ column: Int) throws(PostgresError) -> Int64 {
        guard let value = try self.int64IfPresent(column) else { throw self.isMissing(column) }
        return value
    }

    /// A `bigint`, or `nil` for NULL.
    package func int64IfPresent(_ column: Int) throws(PostgresError) -> Int64? {
        if self.isNull(column) { return nil }
        return try self.withBytes(column) { bytes throws(PostgresError) in
            guard bytes.count == 8 else {
                throw PostgresError(
                    .invalidValue,
                    "column \(column) has \(bytes.count) bytes; a bigint has 8"
                )
            }
            return Int64(bitPattern: bytes.bigEndianInteger(at: 0, byteCount: 8))
        }
    }

    /// An `xid`: the low 32 bits of a transaction number.
    package func transactionID(_ column: Int) throws(PostgresError) -> UInt32 {
        if self.isNull(column) { throw self.isMissing(column) }
        return try self.withBytes(column) { bytes throws(PostgresError) in
            guard bytes.count == 4 else {
                throw PostgresError(
                    .invalidValue,
                    "column \(column) has \(bytes.count) bytes; an xid has 4"
                )
            }
            return UInt32(truncatingIfNeeded: bytes.bigEndianInteger(at: 0, byteCount: 4))
        }
    }

    /// Hands over the elements of a `bigint[]` or `xid[]` without NULLs, as unsigned bits; NULL has
    /// none.
    ///
    /// - Throws: ``PostgresError`` of kind `invalidValue` if it is no such array.
    package func forEachInteger(
        _ column: Int,
        _ body: (UInt64) -> Void
    ) throws(PostgresError) {
        if self.isNull(column) { return }
        try self.withBytes(column) { bytes throws(PostgresError) in
            let array = try BinaryArray(bytes, column: column)
            for index in 0..<array.count { body(array.integer(at: index, of: bytes)) }
        }
    }

    /// A `boolean`.
    package func bool(_ column: Int) throws(PostgresError) -> Bool {
        if self.isNull(column) { throw self.isMissing(column) }
        return try self.withBytes(column) { bytes throws(PostgresError) in
            guard bytes.count == 1 else {
                throw PostgresError(
                    .invalidValue,
                    "column \(column) has \(bytes.count) bytes; a boolean has 1"
                )
            }
            return bytes[0] != 0
        }
    }

    /// A `text`.
    package func string(_ column: Int) throws(PostgresError) -> String {
        guard let value = self.stringIfPresent(column) else { throw self.isMissing(column) }
        return value
    }

    /// A `text`, or `nil` for NULL; malformed UTF-8 is repaired.
    package func stringIfPresent(_ column: Int) -> String? {
        if self.isNull(column) { return nil }
        return self.withBytes(column) { bytes in
            unsafe bytes.withUnsafeBufferPointer { unsafe String(decoding: $0, as: UTF8.self) }
        }
    }

    private func isMissing(_ column: Int) -> PostgresError {
        PostgresError(.invalidValue, "column \(column) is NULL")
    }
}

/// Where the elements of a one-dimensional array of `bigint` or `xid` lie.
///
/// Dimensions, has-nulls flag and element type, 4 bytes each; length and lower bound, 4 bytes each;
/// then each element behind its length of 4 bytes.
private struct BinaryArray {
    let count: Int
    private let elementByteCount: Int

    init(_ bytes: Span<UInt8>, column: Int) throws(PostgresError) {
        let problem = PostgresError(.invalidValue, "column \(column) is no array of numbers")
        guard bytes.count >= 12, bytes.bigEndianInteger(at: 4, byteCount: 4) == 0 else {
            throw problem
        }
        guard bytes.bigEndianInteger(at: 0, byteCount: 4) == 1 else {
            guard bytes.count == 12 else { throw problem }
            self.count = 0
            self.elementByteCount = 0
            return
        }
        guard bytes.count >= 20 else { throw problem }
        self.count = Int(bytes.bigEndianInteger(at: 12, byteCount: 4))
        // `xid` is type 28.
        self.elementByteCount = bytes.bigEndianInteger(at: 8, byteCount: 4) == 28 ? 4 : 8
        guard bytes.count == 20 + self.count * (4 + self.elementByteCount) else { throw problem }
    }

    func integer(at index: Int, of bytes: Span<UInt8>) -> UInt64 {
        bytes.bigEndianInteger(
            at: 24 + index * (4 + self.elementByteCount),
            byteCount: self.elementByteCount
        )
    }
}

extension Span<UInt8> {
    /// The number in `byteCount` bytes from `offset` on, the highest first.
    package func bigEndianInteger(at offset: Int, byteCount: Int) -> UInt64 {
        var value: UInt64 = 0
        for place in offset..<offset + byteCount { value = value << 8 | UInt64(self[place]) }
        return value
    }
}
