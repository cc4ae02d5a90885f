import ArgumentParser

/// How an answer is printed.
enum OutputForm: String, CaseIterable, ExpressibleByArgument {
    /// For people.
    case table
    /// The same with all columns.
    case wide
    /// The API's answer, byte for byte.
    case json
    /// One object a line.
    case ndjson

    var isForPeople: Bool { self == .table || self == .wide }
}

/// How to print; shared by the commands that read jobs.
struct OutputOptions: ParsableArguments {
    @Option(
        name: .shortAndLong,
        help: "How to print; wide has all columns, ndjson one object a line (default: table)."
    )
    var output: OutputForm?

    @Flag(help: "The same as '--output json': the answer of the API, byte for byte.")
    var json = false

    var form: OutputForm { self.json ? .json : self.output ?? .table }

    func validate() throws {
        if self.json, let output = self.output, output != .json {
            throw ValidationError("'--json' and '--output \(output.rawValue)' exclude each other")
        }
    }
}

extension Console {
    /// Writes an answer of the API, which has no line break at its end, byte for byte.
    func write(json: [UInt8]) {
        self.write(bytes: json + [UInt8(ascii: "\n")])
    }

    /// Writes values of JSON, each on a line of its own.
    func write(lines values: some Sequence<some Sequence<UInt8>>) {
        for value in values {
            // JSON has line breaks only where it could as well have spaces.
            self.write(json: value.map { isJSONBlank($0) ? UInt8(ascii: " ") : $0 })
        }
    }

    /// Writes one answer of the API, or what it is for a person.
    func write(_ json: [UInt8], as form: OutputForm, text: () throws -> String) rethrows {
        switch form {
        case .json: self.write(json: json)
        case .ndjson: self.write(lines: [json])
        case .table, .wide: self.write(try text())
        }
    }

    /// Says how to read on, if there is more.
    func note(cursor: Int64?) {
        if let cursor { self.note("there are more: add '--after \(cursor)' for the next page") }
    }
}
