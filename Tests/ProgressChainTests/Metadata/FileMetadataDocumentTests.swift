import Testing

@testable import ProgressChain

@Suite("Documents that are accepted")
struct FileMetadataDocumentTests {
    private let names = NetworkNames()

    private func decode(_ text: String) throws -> FileMetadataDocument {
        let bytes = Array(text.utf8)
        return try FileMetadataDocument(decoding: bytes.span, names: self.names)
    }

    /// The document that ``DocumentText`` describes, with another `prev_hash`.
    private func expected(previousHash: String? = DocumentText.previousHash) throws
        -> FileMetadataDocument
    {
        let range = BlockRange(
            network: try #require(self.names.network(named: "mainnet")),
            start: 21_000_000,
            end: 21_004_999,
            hash: try #require(BlockHash(hex: DocumentText.hash)),
            previousHash: previousHash.flatMap { BlockHash(hex: $0) }
        )
        return FileMetadataDocument(
            createdAt: FileTime(seconds: 1_768_220_431, nanoseconds: 250_118_734),
            ranges: BlockRanges(only: range)
        )
    }

    @Test func aDocumentOfTheCurrentWriter() throws {
        #expect(try self.decode(DocumentText().text) == (try self.expected()))
    }

    @Test(
        "The same document, written otherwise",
        arguments: [
            DocumentText().with("ranges[0].timestamp", nil),
            DocumentText().with("ranges[0].timestamp", "null"),
            DocumentText().with("ranges[0].timestamp", "18446744073709551615"),
            DocumentText().with("watermark", "7"),
            DocumentText().with("watermark", "null"),
            DocumentText().with("ranges[0].hash", #""\#(DocumentText.hash)""#),
            DocumentText().with("ranges[0].hash", #""\#(DocumentText.hash.uppercased())""#),
            DocumentText().with("ranges[0].hash", #""0x\#(DocumentText.hash.uppercased())""#),
            DocumentText().with("ranges[0].hash", #""\u0030x\#(DocumentText.hash)""#),
            DocumentText().with("ranges[0].hash", Self.byteArray(DocumentText.hash)),
            DocumentText().with("ranges[0].network", #""m\u0061inne\u0074""#),
            DocumentText().with("table", #""é\"\\\/\b\f\n\r\t\ud83d\ude00 😀""#),
            DocumentText().with("filename", #""""#),
            DocumentText().with("canonical", "true"),
            DocumentText().with("new", #"{"a":[1,-0.5e+10,{"b":null}],"c":"d","e":{}, "f": [ ]}"#),
            DocumentText().with("new", "1e" + String(repeating: "9", count: 401)),
            DocumentText().with("ranges[0].new", #"[[[]], false, "]"]"#),
            DocumentText().with("a key of more than fifteen bytes", "0"),
            DocumentText().with("", "0"),
            DocumentText().with("new", Self.nested(JSONScanner.depthLimit - 1)),
            DocumentText().with("ranges[0].new", Self.nested(JSONScanner.depthLimit - 3)),
            Self.spaced(DocumentText().text),
            DocumentText().text.replacing("\"table\"", with: #""\u0074able""#),
            // The last of repeated keys counts.
            DocumentText().text.replacing(
                "\"table\"",
                with: #""created_at":{"secs":1,"nanos":1},"table""#
            ),
            DocumentText().text.replacing("{\"start\"", with: #"{"start":3,"end":4,"start""#),
        ]
    )
    func equalDocuments(_ text: String) throws {
        #expect(try self.decode(text) == (try self.expected()))
    }

    @Test func aParentHashOfNullLinksToNothing() throws {
        let document = try self.decode(DocumentText().with("ranges[0].prev_hash", "null"))
        #expect(document == (try self.expected(previousHash: nil)))
        #expect(document.ranges[0].previousHash == nil)
    }

    @Test func aParentHashOfZeroesIsAHash() throws {
        let zeroes = String(repeating: "0", count: 64)
        let document = try self.decode(DocumentText().with("ranges[0].prev_hash", "\"\(zeroes)\""))
        #expect(document.ranges[0].previousHash == .some(.zero))
    }

    @Test func theLargestNumbersAreExact() throws {
        let numbers = #"{"start":9223372036854775808,"end":18446744073709551615}"#
        let document = try self.decode(DocumentText().with("ranges[0].numbers", numbers))
        #expect(document.ranges[0].start == 1 << 63)
        #expect(document.ranges[0].end == .max)
    }

    @Test func blocksMayEndBeforeTheyStart() throws {
        let document = try self.decode(
            DocumentText().with("ranges[0].numbers", #"{"end":2,"start":5}"#)
        )
        #expect(document.ranges[0].start == 5)
        #expect(document.ranges[0].end == 2)
    }

    @Test(
        "A time that no calendar has is the epoch",
        arguments: [
            #"{"secs":1,"nanos":1000000000}"#, #"{"secs":1,"nanos":4294967295}"#,
            #"{"secs":8210266876800,"nanos":0}"#, #"{"secs":18446744073709551615,"nanos":0}"#,
            #"{"secs":0,"nanos":0}"#,
        ]
    )
    func epoch(_ time: String) throws {
        #expect(try self.decode(DocumentText().with("created_at", time)).createdAt == .epoch)
    }

    @Test func aDocumentMayHaveNoRanges() throws {
        #expect(try self.decode(DocumentText().with("ranges", "[ ]")).ranges.isEmpty)
    }

    @Test func rangesOfSeveralNetworksAreSortedByName() throws {
        let range = { (network: String, start: Int) in
            #"{"numbers":{"start":\#(start),"end":120},"network":"\#(network)","hash":"\#(DocumentText.hash)","prev_hash":null}"#
        }
        let ranges = ["solana-mainnet", "base", "mainnet"].enumerated().map { range($1, $0) }
        let text = "[" + ranges.joined(separator: " , ") + "]"
        let document = try self.decode(DocumentText().with("ranges", text))
        #expect(
            document.ranges.map { self.names.name(of: $0.network) }
                == ["base", "mainnet", "solana-mainnet"]
        )
        #expect(document.ranges.map(\.start) == [1, 2, 0])
    }

    @Test func aDocumentMayBeAsLargeAsTheLimit() throws {
        let text = DocumentText().text
        let spaces = String(
            repeating: " ",
            count: FileMetadataDocument.byteLimit - text.utf8.count
        )
        #expect(try self.decode(text + spaces) == (try self.expected()))
        let error = #expect(throws: FileMetadataError.self) {
            try self.decode(text + spaces + " ")
        }
        #expect(error?.found == "1048577 bytes long")
        #expect(error?.path == "")
    }

    private static func byteArray(_ digits: String) -> String {
        let bytes = stride(from: 0, to: 64, by: 2).compactMap {
            UInt8(digits.dropFirst($0).prefix(2), radix: 16)
        }
        return "[ " + bytes.map { "\($0)" }.joined(separator: " ,") + "]"
    }

    private static func nested(_ depth: Int) -> String {
        String(repeating: "[", count: depth) + String(repeating: "]", count: depth)
    }

    /// The text with white space around each token; the strings in it must hold no punctuation.
    private static func spaced(_ text: String) -> String {
        " \n" + text.map { "{}[]:,".contains($0) ? " \t\($0)\r\n" : "\($0)" }.joined() + " "
    }
}
