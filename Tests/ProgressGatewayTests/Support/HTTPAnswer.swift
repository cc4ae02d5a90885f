import Testing

/// One answer as it came over the wire.
struct HTTPAnswer: Equatable {
    var status: Int
    /// Names in lower case.
    var fields: [String: String]
    var body: String

    subscript(_ name: String) -> String? { self.fields[name] }

    /// Without what differs from request to request.
    var comparable: Self {
        var answer = self
        answer.fields["x-request-id"] = nil
        answer.fields["date"] = nil
        return answer
    }

    /// Splits what a connection carried into answers.
    static func parse(_ text: String, isHead: Bool = false) throws -> [Self] {
        var answers: [Self] = []
        var rest = Array(text.utf8)[...]
        while !rest.isEmpty {
            let end = try #require(rest.firstRange(of: Array("\r\n\r\n".utf8)))
            let head = String(decoding: rest[..<end.lowerBound], as: UTF8.self)
            rest = rest[end.upperBound...]
            var lines = head.split(separator: "\r\n")[...]
            let status = try #require(Int(lines.removeFirst().split(separator: " ")[1]))
            var fields: [String: String] = [:]
            for line in lines {
                let colon = try #require(line.firstIndex(of: ":"))
                let value = line[line.index(after: colon)...].drop { $0 == " " }
                fields[line[..<colon].lowercased()] = String(value)
            }
            let hasBody = !isHead && status != 304
            let count = hasBody ? try #require(fields["content-length"].flatMap { Int($0) }) : 0
            try #require(rest.count >= count)
            answers.append(
                Self(
                    status: status,
                    fields: fields,
                    body: String(decoding: rest.prefix(count), as: UTF8.self)
                )
            )
            rest = rest.dropFirst(count)
        }
        return answers
    }
}
