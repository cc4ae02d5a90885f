import FoundationEssentials
import Testing

@testable import ProgressChain

/// One case of `chains.json`: files, and the chain, fork and range that they must give.
struct ChainVector: Decodable, Sendable, CustomTestStringConvertible {
    struct File: Decodable, Sendable {
        struct Time: Decodable, Sendable {
            var secs: UInt64
            var nanos: UInt32
        }

        struct Range: Decodable, Sendable {
            var network: String
            var start: UInt64
            var end: UInt64
            var hash: String
            var prev_hash: String
        }

        var id: Int64
        var label: String
        var created_at: Time
        var ranges: [Range]
    }

    struct Expectation: Decodable, Sendable {
        /// Two bounds, `null`, or the code of an error.
        enum Outcome: Decodable, Equatable, Sendable {
            case bounds([Int64])
            case error(String)

            init(from decoder: any Decoder) throws {
                let container = try decoder.singleValueContainer()
                if let code = try? container.decode(String.self) {
                    self = .error(code)
                } else {
                    self = .bounds(try container.decode([Int64].self))
                }
            }
        }

        var canonical: [Int64]?
        var fork: [Int64]?
        var synced_range: Outcome?
        var files_count: Int
    }

    var origin: String
    var note: String
    var segments: [File]
    var expect: Expectation

    var testDescription: String {
        "\(self.segments.map(\.label).joined(separator: ", ")) (\(self.origin))"
    }

    /// The files as segments, each of `byteCount` bytes.
    func segments(byteCount: Int64, names: NetworkNames) throws -> [Segment] {
        try self.segments.map { file in
            Segment(
                id: FileID(rawValue: file.id),
                size: try FileSize(objectSize: byteCount),
                lastModified: FileTime(
                    seconds: file.created_at.secs,
                    nanoseconds: file.created_at.nanos
                ),
                ranges: BlockRanges(try file.ranges.map { try $0.blockRange(names: names) }),
                names: names
            )
        }
    }

    private struct Document: Decodable {
        var chains: [ChainVector]
    }

    static func all() throws -> [ChainVector] {
        let url = URL(filePath: #filePath).deletingLastPathComponent().appending(
            path: "chains.json"
        )
        return try JSONDecoder().decode(Document.self, from: Data(contentsOf: url)).chains
    }
}

extension ChainVector.File.Range {
    fileprivate func blockRange(names: NetworkNames) throws -> BlockRange {
        let previousHash: BlockHash = try #require(BlockHash(hex: self.prev_hash))
        return BlockRange(
            network: try #require(names.network(named: self.network)),
            start: self.start,
            end: self.end,
            hash: try #require(BlockHash(hex: self.hash)),
            previousHash: previousHash
        )
    }
}
