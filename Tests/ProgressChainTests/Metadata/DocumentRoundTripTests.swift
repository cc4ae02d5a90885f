import TestSupport
import Testing

@testable import ProgressChain

@Suite("Random documents, by seed")
struct DocumentRoundTripTests {
    private let names = NetworkNames()

    @Test func decodingGivesBackWhatWasWritten() throws {
        for seed in UInt64(0)..<500 {
            var writer = RandomDocument(generator: SplitMix64(seed: seed), names: self.names)
            let (document, text) = try writer.next()
            let bytes = Array(text.utf8)
            let decoded = try FileMetadataDocument(decoding: bytes.span, names: self.names)
            #expect(decoded == document, "seed \(seed): \(text)")
        }
    }
}

/// Makes documents of any values and writes them in any order, notation and spacing.
private struct RandomDocument {
    var generator: SplitMix64
    let names: NetworkNames

    mutating func next() throws -> (document: FileMetadataDocument, text: String) {
        let seconds = UInt64.random(in: 0...FileTime.lastSecond, using: &self.generator)
        let nanoseconds = UInt32.random(in: 0...999_999_999, using: &self.generator)
        var ranges: [(range: BlockRange, text: String)] = []
        // In the order of their bytes.
        for name in ["a", "mainnet", "z", "ünïcode"] where Bool.random(using: &self.generator) {
            ranges.append(try self.range(network: name))
        }
        let document = FileMetadataDocument(
            createdAt: FileTime(seconds: seconds, nanoseconds: nanoseconds),
            ranges: BlockRanges(ranges.map(\.range))
        )
        let createdAt = self.object([("secs", "\(seconds)"), ("nanos", "\(nanoseconds)")])
        ranges.shuffle(using: &self.generator)
        let text = self.object(
            [
                ("table", #""blocks""#), ("filename", #""f\"\\.parquet""#),
                ("created_at", createdAt),
                ("ranges", "[" + ranges.map(\.text).joined(separator: ",") + "]"),
            ] + self.optional("watermark", "12") + self.optional("unknown", "[{},[]]")
        )
        return (document, text)
    }

    private mutating func range(network: String) throws -> (range: BlockRange, text: String) {
        let (hash, hashText) = try self.hash()
        let (previousHash, previousHashText) =
            Bool.random(using: &self.generator) ? try self.hash() : (nil, "null")
        let range = BlockRange(
            network: try #require(self.names.network(named: network)),
            start: UInt64.random(in: 0...(.max), using: &self.generator),
            end: UInt64.random(in: 0...(.max), using: &self.generator),
            hash: try #require(hash),
            previousHash: previousHash
        )
        let numbers = self.object([("start", "\(range.start)"), ("end", "\(range.end)")])
        let text = self.object(
            [
                ("numbers", numbers), ("network", "\"\(network)\""), ("hash", hashText),
                ("prev_hash", previousHashText),
            ] + self.optional("timestamp", "null") + self.optional("unknown", "\"}\"")
        )
        return (range, text)
    }

    private mutating func hash() throws -> (hash: BlockHash?, text: String) {
        let bytes = (0..<32).map { _ in UInt8.random(in: 0...255, using: &self.generator) }
        let hash = try #require(BlockHash(bytes: bytes))
        let digits = hash.description.dropFirst(2)
        switch Int.random(in: 0..<4, using: &self.generator) {
        case 0: return (hash, "\"0x\(digits)\"")
        case 1: return (hash, "\"\(digits.uppercased())\"")
        case 2: return (hash, "\"\\u0030\\u0078\(digits)\"")
        default: return (hash, "[" + bytes.map { "\($0)" }.joined(separator: ",") + "]")
        }
    }

    private mutating func optional(_ key: String, _ value: String) -> [(String, String)] {
        Bool.random(using: &self.generator) ? [(key, value)] : []
    }

    /// An object with its members in random order and spacing.
    private mutating func object(_ members: [(key: String, value: String)]) -> String {
        let space = Bool.random(using: &self.generator) ? " " : ""
        let texts = members.shuffled(using: &self.generator).map {
            "\"\($0.key)\":\(space)\($0.value)"
        }
        return "{" + texts.joined(separator: ",\(space)") + space + "}"
    }
}
