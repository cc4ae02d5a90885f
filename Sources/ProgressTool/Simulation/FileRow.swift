/// A row of `file_metadata` before it is inserted.
struct FileRow: Sendable {
    var name: String
    /// `nil` where the writer did not know it.
    var byteCount: Int64?
    /// The document of column `metadata`, JSON.
    var metadata: String

    /// The row as an object of the array that the insertion takes.
    var document: String {
        let size = self.byteCount.map(String.init) ?? "null"
        return #"{"file_name":"\#(self.name)","object_size":\#(size),"metadata":\#(self.metadata)}"#
    }
}

extension FileRow {
    init(_ file: SimulatedFile) {
        self.init(name: file.name, byteCount: file.byteCount, metadata: file.metadata)
    }
}
