import FoundationEssentials

extension SampleJob {
    /// One line of `Sample/amp-segments.jsonl`.
    private struct Line: Decodable {
        enum CodingKeys: String, CodingKey {
            case dataset
            case table
            case revision
            case fileName = "file_name"
            case byteCount = "object_size"
        }

        var dataset: String
        var table: String
        var revision: String
        var fileName: String
        var byteCount: Int64
    }

    /// Jobs over file metadata that Amp recorded on Ethereum and Base, one for each dataset.
    ///
    /// The metadata goes into the database byte for byte as recorded.
    static func recorded() throws -> [SampleJob] {
        try self.jobs(recordedIn: PackageResources.amp_segments_jsonl)
    }

    /// - Parameter document: One JSON object a line.
    static func jobs(recordedIn document: [UInt8]) throws -> [SampleJob] {
        var tables: [String: [String: [String: [FileRow]]]] = [:]
        for bytes in document.split(separator: UInt8(ascii: "\n")) {
            let line = try JSONDecoder().decode(Line.self, from: Data(bytes))
            let row = FileRow(
                name: line.fileName,
                byteCount: line.byteCount,
                metadata: try self.metadata(in: bytes)
            )
            tables[line.dataset, default: [:]][line.table, default: [:]][
                line.revision,
                default: []
            ].append(row)
        }
        return try tables.sorted { $0.key < $1.key }.map { name, tables in
            SampleJob(
                dataset: try SimulatedDataset(namespace: "_", name: name),
                summary: "recorded on \(name.hasPrefix("base") ? "Base" : "Ethereum")",
                statuses: ["RUNNING", "COMPLETED"],
                tables: tables.sorted { $0.key < $1.key }.map { table, revisions in
                    Table(
                        name: table,
                        // Their names begin with the time, so the newest is the last.
                        revisions: revisions.sorted { $0.key < $1.key }.map {
                            Revision(identifier: $0.key, files: $0.value)
                        }
                    )
                }
            )
        }
    }

    /// The value of `metadata`, which is the last member of a line.
    private static func metadata(in line: ArraySlice<UInt8>) throws -> String {
        let text = String(decoding: line, as: UTF8.self)
        guard let start = text.firstRange(of: #""metadata":"#)?.upperBound, text.hasSuffix("}}")
        else {
            throw ToolError(
                .failure,
                "a line of the sample data ends in something else than metadata"
            )
        }
        return String(text[start...].dropLast())
    }
}
