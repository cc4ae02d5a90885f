import HTTPTypes

/// No request of this API has a body.
enum BodyRules {
    /// Whether the head says that a body follows.
    static func announcesBody(_ fields: HTTPFields) -> Bool {
        fields.contains(.transferEncoding)
            || fields[values: .contentLength].contains { $0 != "0" }
    }
}
