/// The value of `$1`, `$2` and so on, in PostgreSQL's binary form.
package enum Parameter: Sendable {
    case null
    case int64(Int64)
    case text(String)
    case int64s([Int64])
    case texts([String])
    /// A 64-bit transaction number: `xid8`.
    case transactionID(UInt64)
    case transactionIDs([UInt64])
}

extension Parameter {
    /// The type's number in `pg_type`; 0 leaves the choice to PostgreSQL.
    var typeID: UInt32 {
        switch self {
        case .null: 0
        case .int64: 20
        case .text: 25
        case .int64s: 1016
        case .texts: 1009
        case .transactionID: 5069
        case .transactionIDs: 271
        }
    }

    /// The bytes that libpq sends, or `nil` for NULL.
    var bytes: [UInt8]? {
        switch self {
        case .null: nil
        case .int64(let value): bigEndian(value)
        case .text(let value): Array(value.utf8)
        case .int64s(let values): array(of: 20, values.map(bigEndian))
        case .texts(let values): array(of: 25, values.map { Array($0.utf8) })
        case .transactionID(let value): bigEndian(value)
        case .transactionIDs(let values): array(of: 5069, values.map(bigEndian))
        }
    }
}

private func bigEndian(_ value: some FixedWidthInteger) -> [UInt8] {
    let byteCount = value.bitWidth / 8
    return (1...byteCount).map { UInt8(truncatingIfNeeded: value >> ((byteCount - $0) * 8)) }
}

/// A one-dimensional array: dimensions, has-nulls flag, element type, length, lower bound, elements.
private func array(of elementType: Int32, _ elements: [[UInt8]]) -> [UInt8] {
    let dimensions: Int32 = elements.isEmpty ? 0 : 1
    var bytes = bigEndian(dimensions) + bigEndian(Int32(0)) + bigEndian(elementType)
    if !elements.isEmpty {
        bytes += bigEndian(Int32(clamping: elements.count)) + bigEndian(Int32(1))
    }
    for element in elements {
        bytes += bigEndian(Int32(clamping: element.count)) + element
    }
    return bytes
}
