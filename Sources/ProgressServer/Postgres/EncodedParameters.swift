import CLibPQ

/// Parameters laid out as libpq wants them: one buffer, and arrays that point into it.
struct EncodedParameters {
    private let bytes: [UInt8]
    /// Where each value lies in `bytes`; `nil` is NULL.
    private let ranges: [Range<Int>?]
    private let typeIDs: [UInt32]

    init(_ parameters: [Parameter]) {
        var bytes: [UInt8] = []
        var ranges: [Range<Int>?] = []
        for parameter in parameters {
            guard let value = parameter.bytes else {
                ranges.append(nil)
                continue
            }
            ranges.append(bytes.count..<bytes.count + value.count)
            bytes += value
        }
        // So that the buffer has an address even if all values are empty.
        bytes.append(0)
        self.bytes = bytes
        self.ranges = ranges
        self.typeIDs = parameters.map(\.typeID)
    }

    /// Queues the preparation of a statement for these types.
    func prepare(_ statement: Statement, on handle: OpaquePointer) -> Bool {
        unsafe PQsendPrepare(
            handle,
            statement.name,
            statement.sql,
            CInt(self.typeIDs.count),
            self.typeIDs
        ) == 1
    }

    /// Queues the execution of a prepared statement; its rows come in binary form.
    func send(_ statement: Statement, on handle: OpaquePointer) -> Bool {
        unsafe self.bytes.withUnsafeBytes { buffer in
            let base = unsafe buffer.assumingMemoryBound(to: CChar.self).baseAddress
            let values = unsafe self.ranges.map { range in
                unsafe range.flatMap { range in unsafe base.map { unsafe $0 + range.lowerBound } }
            }
            let lengths = self.ranges.map { CInt(clamping: $0?.count ?? 0) }
            let formats = [CInt](repeating: 1, count: self.ranges.count)
            return unsafe PQsendQueryPrepared(
                handle,
                statement.name,
                CInt(self.ranges.count),
                values,
                lengths,
                formats,
                1
            ) == 1
        }
    }
}
