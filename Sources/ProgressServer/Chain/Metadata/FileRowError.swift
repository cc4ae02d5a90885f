/// Why one row of `file_metadata` is not a segment.
package enum FileRowError: Error, Hashable, Sendable {
    /// The document cannot be decoded.
    case metadata(FileMetadataError)
    /// The column `object_size` is below 0.
    case negativeSize(Int64)
}

extension FileRowError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .metadata(let error): "\(error)"
        case .negativeSize(let size): "object_size is \(size); it must be 0 or more, or NULL"
        }
    }
}
