import ArgumentParser

/// How a list is printed.
enum OutputForm: String, CaseIterable, ExpressibleByArgument {
    case table
    /// A table with all columns.
    case wide
    /// The API's answer, byte for byte.
    case json
    /// One object a line.
    case ndjson
}

extension Console {
    /// Writes an answer of the API, which has no line break at its end, byte for byte.
    func write(json: [UInt8]) {
        self.write(bytes: json + [UInt8(ascii: "\n")])
    }

    /// Says how to read on, if there is more.
    func note(cursor: Int64?) {
        if let cursor { self.note("there are more: add '--after \(cursor)' for the next page") }
    }
}
