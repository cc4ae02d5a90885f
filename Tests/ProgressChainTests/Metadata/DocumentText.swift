/// The JSON text of a file's document, in parts that a test can replace or leave out.
struct DocumentText {
    static let hash = "5be1d3c07a9f44e2b8716c0d9af23e5511c7aa0be94d2f6883b05fd1e7c2a914"
    static let previousHash = "0fd2ab47c18e6693d5704b1be8c3f9a2267de0545b8f1c3390ad7716ec42b85d"

    /// The members of the document, in order.
    var members: [(key: String, value: String)] = [
        ("table", #""blocks""#),
        ("filename", #""021000000-9c41d07be2a35f18.parquet""#),
        ("created_at", #"{"secs":1768220431,"nanos":250118734}"#),
        ("ranges", "[]"),
    ]

    /// The members of the only range, in order.
    var rangeMembers: [(key: String, value: String)] = [
        ("numbers", #"{"start":21000000,"end":21004999}"#),
        ("network", #""mainnet""#),
        ("hash", #""0x\#(hash)""#),
        ("prev_hash", #""0x\#(previousHash)""#),
        ("timestamp", "1729300811"),
    ]

    /// The whole document.
    var text: String {
        var members = self.members
        if let place = members.firstIndex(where: { $0.key == "ranges" && $0.value == "[]" }) {
            members[place].value = "[" + Self.object(self.rangeMembers) + "]"
        }
        return Self.object(members)
    }

    /// The document with another value of a key, such as `ranges[0].hash`, or without it if `nil`.
    func with(_ path: String, _ value: String?) -> String {
        var copy = self
        if let key = path.split(separator: "]").last.map({ $0.drop { $0 == "." } }),
            path.hasPrefix("ranges[0].")
        {
            copy.rangeMembers = Self.replacing(String(key), value, in: copy.rangeMembers)
        } else {
            copy.members = Self.replacing(path, value, in: copy.members)
        }
        return copy.text
    }

    private static func replacing(
        _ key: String,
        _ value: String?,
        in members: [(key: String, value: String)]
    ) -> [(key: String, value: String)] {
        let place = members.firstIndex { $0.key == key } ?? members.endIndex
        let rest = members.dropFirst(place + 1)
        return members[..<place] + (value.map { [(key, $0)] } ?? []) + rest
    }

    private static func object(_ members: [(key: String, value: String)]) -> String {
        "{" + members.map { "\"\($0.key)\":\($0.value)" }.joined(separator: ",") + "}"
    }
}
