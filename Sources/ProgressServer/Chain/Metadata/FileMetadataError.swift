/// Why the document of a file row cannot be decoded: where, what was found, what is allowed.
///
/// Holds at most a few bytes of the document, never all of it.
package struct FileMetadataError: Error, Hashable, Sendable {
    /// The JSON path of the value, such as `ranges[0].numbers.start`; empty for the document itself.
    package var path: String
    /// What is there, such as `-1` or `a string`.
    package var found: String
    /// What may be there.
    package var allowed: String

    package init(path: String, found: String, allowed: String) {
        self.path = path
        self.found = found
        self.allowed = allowed
    }
}

extension FileMetadataError: CustomStringConvertible {
    package var description: String {
        "\(self.path.isEmpty ? "the document" : self.path) is \(self.found); "
            + "it must be \(self.allowed)"
    }
}
