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

    /// Writes a page of a list, and says how to read on if there is more.
    ///
    /// - Parameters:
    ///   - json: The answer of the API.
    ///   - rows: The object that it has of each.
    ///   - noun: What they are, of which there may be none.
    ///   - cursor: What the next page begins after; `nil`: this is the last one.
    ///   - text: What they are for a person, if there are any.
    func write(
        page json: [UInt8],
        _ rows: [some Sequence<UInt8>],
        named noun: String,
        cursor: Int64?,
        as form: OutputForm,
        text: () async throws -> String
    ) async rethrows {
        switch form {
        case .json: return self.write(json: json)
        case .ndjson: self.write(lines: rows)
        case .table, .wide:
            guard !rows.isEmpty else { return self.note("no \(noun) found") }
            self.write(try await text())
        }
        if let cursor { self.note("there are more: add '--after \(cursor)' for the next page") }
    }

    /// Writes a page of jobs.
    func write(
        page: JobPage,
        as form: OutputForm,
        text: () async throws -> String
    ) async rethrows {
        try await self.write(
            page: page.json,
            page.jobs.map(\.json),
            named: "jobs",
            cursor: page.nextCursor,
            as: form,
            text: text
        )
    }
}
