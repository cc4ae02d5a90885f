/// Why a table has no progress numbers although all of its files could be read.
package enum TableError: Error, Equatable, Sendable {
    /// A file does not cover exactly one network, or not the same one as the others.
    case multipleNetworks(file: FileID, rangeCount: Int)
    /// A block number of the canonical chain is above `Int64.max`.
    case blockNumberOverflow(UInt64)
    /// The sizes of the canonical files sum to more than `Int64.max` bytes.
    case totalSizeOverflow
}

extension TableError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .multipleNetworks(let file, 1):
            "file \(file) is of another network than the files before it; a table must be of one"
        case .multipleNetworks(let file, let rangeCount):
            "file \(file) has \(rangeCount) block ranges; a table's file must have exactly 1"
        case .blockNumberOverflow(let number):
            "block number \(number) is too large; the limit is \(Int64.max)"
        case .totalSizeOverflow:
            "the sizes of the canonical files sum to more than \(Int64.max) bytes"
        }
    }
}
