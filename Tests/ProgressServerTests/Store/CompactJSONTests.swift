import Testing

@testable import ProgressServer

struct CompactJSONTests {
    @Test(arguments: [
        (#"{"a": 1, "b": [1, 2, {"c": null}]}"#, #"{"a":1,"b":[1,2,{"c":null}]}"#),
        (#"{"a b": "c: d, e"}"#, #"{"a b":"c: d, e"}"#),
        (#"{"a": "\" , \\", "b": 1.0}"#, #"{"a":"\" , \\","b":1.0}"#),
        (#""just text, with: spaces""#, #""just text, with: spaces""#),
        (#"{"é": "日本 語"}"#, #"{"é":"日本 語"}"#),
        ("[]", "[]"),
    ])
    func spacesBetweenTokensGoAndThoseInStringsStay(_ text: (from: String, to: String)) {
        let bytes = Array(text.from.utf8)
        #expect(compactJSON(bytes.span) == text.to)
    }
}
