extension Segment {
    /// Decodes one row of `file_metadata`.
    ///
    /// - Parameters:
    ///   - id: The column `id`.
    ///   - objectSize: The column `object_size`; `nil` stands for NULL and counts as 0.
    ///   - metadata: The column `metadata`, as JSON text.
    ///   - names: The networks of the process; new names are added.
    /// - Throws: ``FileRowError`` saying which value is wrong.
    package init(
        id: FileID,
        objectSize: Int64?,
        metadata: Span<UInt8>,
        names: NetworkNames
    ) throws(FileRowError) {
        let size = try FileSize(objectSize: objectSize)
        let document: FileMetadataDocument
        do {
            document = try FileMetadataDocument(decoding: metadata, names: names)
        } catch {
            throw .metadata(error)
        }
        self.init(
            id: id,
            size: size,
            lastModified: document.createdAt,
            sortedRanges: document.ranges
        )
    }
}
