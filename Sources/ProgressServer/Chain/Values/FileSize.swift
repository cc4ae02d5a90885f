/// The size of one file, in bytes: never negative and never above `Int64.max`.
package struct FileSize: Hashable, Sendable {
    /// The size in bytes, from 0 to `Int64.max`.
    package let byteCount: Int64

    /// A file whose size nobody recorded counts as nothing.
    package static let zero = Self(validByteCount: 0)

    /// Creates a size from the column `file_metadata.object_size`, where NULL counts as 0.
    ///
    /// - Throws: ``FileRowError/negativeSize(_:)`` if the number is below 0.
    package init(objectSize: Int64?) throws(FileRowError) {
        let byteCount = objectSize ?? 0
        guard byteCount >= 0 else { throw .negativeSize(byteCount) }
        self.init(validByteCount: byteCount)
    }

    private init(validByteCount byteCount: Int64) {
        self.byteCount = byteCount
    }
}
