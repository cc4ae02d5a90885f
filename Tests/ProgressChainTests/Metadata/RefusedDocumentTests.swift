import Testing

@testable import ProgressChain

@Suite("Documents that are refused, and where")
struct RefusedDocumentTests {
    private let names = NetworkNames()

    private func error(of text: String) -> FileMetadataError? {
        let bytes = Array(text.utf8)
        do throws(FileMetadataError) {
            _ = try FileMetadataDocument(decoding: bytes.span, names: self.names)
            return nil
        } catch {
            return error
        }
    }

    @Test(
        "A required value must be there",
        arguments: [
            "table", "filename", "created_at", "ranges", "ranges[0].numbers", "ranges[0].network",
            "ranges[0].hash", "ranges[0].prev_hash",
        ]
    )
    func missing(_ path: String) throws {
        let error = try #require(self.error(of: DocumentText().with(path, nil)))
        #expect(error.path == path)
        #expect(error.found == "missing")
    }

    @Test(
        "A value must be of its type",
        arguments: [
            "table", "filename", "created_at", "ranges", "ranges[0].numbers", "ranges[0].network",
            "ranges[0].hash", "ranges[0].prev_hash", "ranges[0].timestamp", "watermark",
        ]
    )
    func types(_ path: String) throws {
        // Each is wrong for every path but the ones left out below.
        for (value, found) in [
            ("true", "true"), ("-1", "-1"), ("1.0", "1.0"), ("[[]]", "an array"),
            (#"{"a":1}"#, "an object"), ("null", "null"), ("7", "7"), (#""x""#, "a string"),
        ] {
            let isAllowed =
                switch (path, value) {
                case ("ranges[0].prev_hash", "null"), ("ranges[0].timestamp", "null"): true
                case ("watermark", "null"), ("ranges[0].timestamp", "7"), ("watermark", "7"): true
                case ("table", #""x""#), ("filename", #""x""#): true
                case ("ranges[0].network", #""x""#): true
                default: false
                }
            let error = self.error(of: DocumentText().with(path, value))
            #expect((error == nil) == isAllowed, "\(path): \(value)")
            guard let error else { continue }
            switch (path, value) {
            case ("ranges", "[[]]"):
                #expect(error.path == "ranges[0]")
            case ("created_at", #"{"a":1}"#), ("ranges[0].numbers", #"{"a":1}"#):
                #expect(error.path == path)
                #expect(error.found == "an object with an unknown key")
            case ("ranges[0].hash", #""x""#), ("ranges[0].prev_hash", #""x""#):
                #expect(error.path == path)
                #expect(error.found == "another string")
            default:
                #expect(error.path == path)
                #expect(error.found == found)
            }
        }
    }

    @Test(
        "An integer must be integral, in range, and a number",
        arguments: [
            "-1", "-0", "1.0", "1e3", "1.5", "01", "00", "+1", "0x10", "1_000", "NaN", "true",
            "18446744073709551616", "99999999999999999999", "null", "12a",
        ]
    )
    func integers(_ number: String) throws {
        for (path, text) in [
            (
                "ranges[0].numbers.start",
                DocumentText().with("ranges[0].numbers", #"{"start":\#(number),"end":1}"#)
            ),
            (
                "ranges[0].numbers.end",
                DocumentText().with("ranges[0].numbers", #"{"start":1,"end":\#(number)}"#)
            ),
            (
                "created_at.secs",
                DocumentText().with("created_at", #"{"secs":\#(number),"nanos":1}"#)
            ),
            (
                "created_at.nanos",
                DocumentText().with("created_at", #"{"secs":1,"nanos":\#(number)}"#)
            ),
        ] {
            let error = try #require(self.error(of: text))
            #expect(error.path == path)
            #expect(error.found == number)
            #expect(error.allowed.hasPrefix("an integer from 0 to "))
        }
    }

    @Test(
        "A value deep in the document is named by its path",
        arguments: [
            ("created_at", #"{"secs":1}"#, "created_at.nanos", "missing"),
            ("created_at", #"{"nanos":1}"#, "created_at.secs", "missing"),
            ("created_at", "{}", "created_at.secs", "missing"),
            ("created_at", #"{"secs":1,"nanos":4294967296}"#, "created_at.nanos", "4294967296"),
            ("created_at", #"{"secs":"1","nanos":1}"#, "created_at.secs", "a string"),
            (
                "created_at", #"{"secs":1,"nanos":1,"zone":0}"#, "created_at",
                "an object with an unknown key"
            ),
            ("ranges[0].numbers", #"{"start":1}"#, "ranges[0].numbers.end", "missing"),
            ("ranges[0].numbers", #"{"end":1}"#, "ranges[0].numbers.start", "missing"),
            (
                "ranges[0].numbers", #"{"start":1,"end":2,"step":1}"#, "ranges[0].numbers",
                "an object with an unknown key"
            ),
            ("ranges[0].network", #""""#, "ranges[0].network", "a string of 0 bytes"),
            ("ranges[0].hash", #""0x00""#, "ranges[0].hash", "another string"),
            ("ranges[0].hash", "[1,2,3]", "ranges[0].hash", "an array of another length"),
            ("ranges[0].hash", "[256]", "ranges[0].hash", "256"),
            ("ranges[0].hash", #"["1"]"#, "ranges[0].hash", "a string"),
            ("ranges", "[{}]", "ranges[0].numbers", "missing"),
            ("ranges", "[7]", "ranges[0]", "7"),
        ]
    )
    func paths(_ key: String, _ value: String, _ path: String, _ found: String) throws {
        let error = try #require(self.error(of: DocumentText().with(key, value)))
        #expect(error.path == path)
        #expect(error.found == found)
    }

    @Test func theIndexOfARangeIsInThePath() throws {
        let good = DocumentText().text
        let start = try #require(good.firstRange(of: "[")?.upperBound)
        let range = good[start...].dropLast(2)
        let text = DocumentText().with("ranges", "[\(range),\(range),{\"numbers\":{\"start\":-1}}]")
        let error = try #require(self.error(of: text))
        #expect(
            error.description
                == "ranges[2].numbers.start is -1; "
                + "it must be an integer from 0 to 18446744073709551615"
        )
    }

    @Test func arraysOfAnyLengthButThirtyTwoAreNoHash() {
        for count in 0...40 {
            let bytes = "[" + Array(repeating: "255", count: count).joined(separator: ",") + "]"
            let error = self.error(of: DocumentText().with("ranges[0].hash", bytes))
            #expect((error == nil) == (count == 32), "\(count) bytes")
        }
    }

    @Test(
        "Text that is not strict JSON",
        arguments: [
            "", " ", "null", "[]", "\"\"", "7", "{", "{}}", "{} {}", "\u{FEFF}{}", "{,}",
            #"{"new":}"#, #"{"new" 1}"#, #"{"new":1,}"#, #"{"new":1 "x":2}"#, #"{new:1}"#,
            #"{'new':1}"#, #"{"new":[1,]}"#, #"{"new":[1 2]}"#, #"{"new":tru}"#,
            #"{"new":nullx}"#, #"{"new":01}"#, #"{"new":1.}"#, #"{"new":.5}"#, #"{"new":-}"#,
            #"{"new":1e}"#, #"{"new":1e+}"#, #"{"new":+1}"#, #"{"new":Infinity}"#,
            #"{"new":"\x"}"#, #"{"new":"\u12g4"}"#, #"{"new":"\ud800"}"#, #"{"new":"\udc00"}"#,
            #"{"new":"\ud800\u0041"}"#, "{\"new\":\"\n\"}", "{\"new\":\"\u{0}\"}",
            "{\"new\":\"open}", "/**/{}", "{\"new\":1}//",
        ]
    )
    func syntax(_ text: String) throws {
        let bytes = Array(text.utf8)
        #expect(throws: FileMetadataError.self) {
            try FileMetadataDocument(decoding: bytes.span, names: self.names)
        }
        // The same as a part of a document that is good otherwise, where that makes sense.
        guard text.hasPrefix(#"{"new""#), text.hasSuffix("}") else { return }
        let inside = DocumentText().text.dropLast() + "," + text.dropFirst()
        #expect(self.error(of: String(inside)) != nil)
    }

    @Test func onlyWholeDocumentsAreAccepted() throws {
        #expect(try #require(self.error(of: DocumentText().text + "x")).found == "x")
        #expect(self.error(of: DocumentText().text + " \n") == nil)
        #expect(self.error(of: DocumentText().text + "\u{0}") != nil)
    }

    @Test(
        "Strings must be valid UTF-8",
        arguments: [
            [0x80], [0xC0, 0x80], [0xC1, 0xBF], [0xC3], [0xE0, 0x9F, 0xBF], [0xED, 0xA0, 0x80],
            [0xE2, 0x82], [0xF0, 0x8F, 0xBF, 0xBF], [0xF4, 0x90, 0x80, 0x80],
            [0xF5, 0x80, 0x80, 0x80],
            [0xFF], [0xE2, 0x28, 0xA1],
        ] as [[UInt8]]
    )
    func utf8(_ invalid: [UInt8]) {
        for key in ["table", "ranges[0].network", "new"] {
            let text = Array(DocumentText().with(key, #""@@""#).utf8)
            guard let place = text.firstIndex(of: UInt8(ascii: "@")) else {
                Issue.record("no place to put the bytes")
                return
            }
            let bytes = text[..<place] + invalid + text[(place + 2)...]
            let array = Array(bytes)
            #expect(throws: FileMetadataError.self) {
                try FileMetadataDocument(decoding: array.span, names: self.names)
            }
        }
    }

    @Test func nestingIsLimited() throws {
        for (key, depth) in [("new", 1), ("ranges[0].new", 3)] {
            let count = JSONScanner.depthLimit - depth + 1
            let text = String(repeating: "[", count: count) + String(repeating: "]", count: count)
            let error = try #require(self.error(of: DocumentText().with(key, text)))
            #expect(error.found == "nested deeper than 64 levels")
        }
        let open = String(repeating: #"{"new":"#, count: 100_000)
        #expect(self.error(of: open) != nil)
    }

    @Test func anErrorShowsAtMostAFewBytesOfTheDocument() throws {
        let long = String(repeating: "9", count: 5000)
        let text = DocumentText().with("ranges[0].timestamp", long)
        #expect(try #require(self.error(of: text)).description.utf8.count < 150)
    }
}
