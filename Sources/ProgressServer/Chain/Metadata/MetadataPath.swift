/// A place in a file's document, cheap to keep while scanning and spelled out only for an error.
struct MetadataPath {
    enum Field: String {
        case document = ""
        case table = "table"
        case filename = "filename"
        case watermark = "watermark"
        case createdAt = "created_at"
        case seconds = "created_at.secs"
        case nanoseconds = "created_at.nanos"
        case ranges = "ranges"
        case range = "ranges[]"
        case numbers = "ranges[].numbers"
        case start = "ranges[].numbers.start"
        case end = "ranges[].numbers.end"
        case network = "ranges[].network"
        case hash = "ranges[].hash"
        case previousHash = "ranges[].prev_hash"
        case timestamp = "ranges[].timestamp"
    }

    var field = Field.document
    /// The index of the range that is being scanned, counted from 0.
    var rangeIndex = 0

    /// The path in the usual notation, such as `ranges[0].hash`.
    var text: String {
        let prefix = "ranges["
        let field = self.field.rawValue
        guard field.hasPrefix(prefix) else { return field }
        return prefix + "\(self.rangeIndex)" + field.dropFirst(prefix.count)
    }
}
