/// What the chain needs of a file's document: `file_metadata.metadata`, as text.
///
/// Decodes as strictly as Amp does, with one exception: a `prev_hash` of `null`, which old writers
/// left where the parent hash was unknown, is accepted and links to nothing. Keys that are not known
/// are ignored in the document and in a range, and refused in `created_at` and `numbers`. When a key
/// is repeated, each value must be valid and the last one counts.
package struct FileMetadataDocument: Hashable, Sendable {
    /// Largest document, in bytes of JSON (1 MiB).
    package static let byteLimit = 1 << 20

    /// When the file was created.
    package let createdAt: FileTime
    /// The block ranges, sorted by network name.
    package let ranges: BlockRanges

    /// Decodes a document.
    ///
    /// - Parameters:
    ///   - text: The JSON text, in UTF-8.
    ///   - names: Gives each network name its number; new names are added.
    /// - Throws: ``FileMetadataError`` for the first value that is not allowed.
    package init(
        decoding text: Span<UInt8>,
        names: NetworkNames
    ) throws(FileMetadataError) {
        guard text.count <= Self.byteLimit else {
            throw FileMetadataError(
                path: "",
                found: "\(text.count) bytes long",
                allowed: "at most \(Self.byteLimit) bytes long"
            )
        }
        var scanner = JSONScanner()
        var hasTable = false
        var hasFilename = false
        var createdAt: FileTime?
        var ranges: BlockRanges?
        try scanner.scanObject(text) { scanner, key throws(FileMetadataError) in
            if try scanner.isString(key, "ranges", text) {
                ranges = try scanner.scanRanges(text, names: names)
            } else if try scanner.isString(key, "created_at", text) {
                createdAt = try scanner.scanCreatedAt(text)
            } else if try scanner.isString(key, "table", text) {
                scanner.path.field = .table
                _ = try scanner.scanString(text)
                hasTable = true
            } else if try scanner.isString(key, "filename", text) {
                scanner.path.field = .filename
                _ = try scanner.scanString(text)
                hasFilename = true
            } else if try scanner.isString(key, "watermark", text) {
                scanner.path.field = .watermark
                try scanner.skipOptionalInteger(text)
            } else {
                try scanner.skipValue(text, depth: 1)
            }
        }
        scanner.skipWhitespace(text)
        guard scanner.offset == text.count else {
            throw scanner.fault(text, "a single object")
        }
        guard hasTable else { throw scanner.missing(.table, "a string") }
        guard hasFilename else { throw scanner.missing(.filename, "a string") }
        guard let createdAt else { throw scanner.missing(.createdAt, "an object") }
        guard let ranges else { throw scanner.missing(.ranges, "an array") }
        self.createdAt = createdAt
        self.ranges = names.sorted(ranges)
    }

    init(createdAt: FileTime, ranges: BlockRanges) {
        self.createdAt = createdAt
        self.ranges = ranges
    }
}
