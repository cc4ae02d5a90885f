import FoundationEssentials
import Testing

@testable import ProgressTokens

struct TokenFileTests {
    private static let digest = String(repeating: "0a", count: 32)
    private static let entry =
        #"{"id":"abcdefg234","sha256":"\#(digest)","name":"grafana","scopes":["jobs:read"]}"#

    private static func decode(_ entries: String...) throws -> TokenFile {
        try TokenFile(decoding: Data(#"{"tokens":[\#(entries.joined(separator: ","))]}"#.utf8))
    }

    @Test func keysThatMayBeLeftOutHaveDefaults() throws {
        let record = try #require(try Self.decode(Self.entry).records.first)
        #expect(record.id.rawValue == "abcdefg234")
        #expect(record.digest.hexadecimal == Self.digest)
        #expect(record.name == "grafana")
        #expect(record.scopes == [.jobs])
        #expect(record.notAfter == nil)
        #expect(record.createdAt == nil)
        #expect(!record.isDisabled)
    }

    @Test func everyKeyIsRead() throws {
        let entry =
            Self.entry.dropLast()
            + #","not_after":"2027-01-01T00:00:00Z","created_at":"2026-01-01T00:00:00Z","disabled":true}"#
        let record = try #require(try Self.decode(String(entry)).records.first)
        #expect(record.notAfter == Date(timeIntervalSince1970: 1_798_761_600))
        #expect(record.createdAt == Date(timeIntervalSince1970: 1_767_225_600))
        #expect(record.isDisabled)
    }

    @Test func whatIsWrittenIsReadAgain() throws {
        let entry = Self.entry.dropLast() + #","not_after":"2027-01-01T00:00:00Z"}"#
        let once = try Self.decode(String(entry)).encoded()
        #expect(try TokenFile(decoding: once).encoded() == once)
        #expect(once.last == 0x0A)
    }

    @Test(
        "A file with a mistake is refused and the mistake named",
        arguments: [
            ("", "the file is not JSON"),
            ("{", "the file is not JSON"),
            ("[]", "the file must be an object"),
            ("{}", "the file lacks the key 'tokens'"),
            (#"{"tokens":{}}"#, "tokens must be a list"),
            (#"{"tokens":[],"keys":[]}"#, "unknown key 'keys'; allowed are tokens"),
            (#"{"tokens":[{"id":"abcdefg234"}]}"#, "tokens[0] lacks the key 'sha256'"),
            (
                #"{"tokens":[{"rate":"x","id":"abcdefg234"}]}"#,
                "unknown key 'rate'; allowed are created_at, disabled, id, name, not_after, scopes, sha256"
            ),
            (
                #"{"tokens":[\#(entry),\#(entry)]}"#,
                "two tokens have the id 'abcdefg234'; ids must be unique"
            ),
            (
                #"{"tokens":[\#(entry.replacing("abcdefg234", with: "abc"))]}"#,
                "'abc' is not a token id; one is 10 characters of a-z and 2-7"
            ),
            (
                #"{"tokens":[\#(entry.replacing(digest, with: digest.uppercased()))]}"#,
                "sha256 of token 'abcdefg234' must be 64 lower-case hexadecimal digits"
            ),
            (
                #"{"tokens":[\#(entry.replacing(digest, with: "00"))]}"#,
                "sha256 of token 'abcdefg234' must be 64 lower-case hexadecimal digits"
            ),
            (
                #"{"tokens":[\#(entry.replacing("jobs:read", with: "jobs:write"))]}"#,
                "token 'abcdefg234': \(ScopeError(text: "jobs:write"))"
            ),
            (
                #"{"tokens":[\#(entry.replacing(#""jobs:read""#, with: ""))]}"#,
                "token 'abcdefg234' has 0 scopes; it must have 1 to 256"
            ),
            (
                #"{"tokens":[\#(entry.replacing(#""jobs:read""#, with: "1"))]}"#,
                "tokens[0].scopes[0] must be a string"
            ),
            (
                #"{"tokens":[\#(entry.replacing("grafana", with: ""))]}"#,
                "the name of token 'abcdefg234' must be 1 to 64 printable ASCII characters"
            ),
            (
                #"{"tokens":[\#(entry.dropLast()),"not_after":"tomorrow"}]}"#,
                "not_after of token 'abcdefg234' is 'tomorrow'; write it as 2027-01-01T00:00:00Z"
            ),
            (
                #"{"tokens":[\#(entry.dropLast()),"disabled":"no"}]}"#,
                "tokens[0].disabled must be true or false"
            ),
        ]
    )
    func mistake(content: String, message: String) {
        #expect(throws: TokenFileError(message)) { try TokenFile(decoding: Data(content.utf8)) }
    }

    @Test func theScopesOfATokenHaveALargestSize() throws {
        let scopes = (0..<256).map {
            "\"datasets:\(String(repeating: "a", count: 30))/b\($0):read\""
        }
        let entry = Self.entry.replacing("\"jobs:read\"", with: scopes.joined(separator: ","))
        let error = #expect(throws: TokenFileError.self) { try Self.decode(entry) }
        #expect(error?.message.contains("bytes; the limit is 12288") == true)
    }

    @Test func aTokenIsRevokedByIDBeforeName() throws {
        let other = Self.entry.replacing("abcdefg234", with: "bbbbbbbbbb")
            .replacing("grafana", with: "abcdefg234")
        var file = try Self.decode(other, Self.entry)
        #expect(try file.revoke("abcdefg234").name == "grafana")
        #expect(file.records.map(\.isDisabled) == [false, true])
    }

    @Test func aNameThatTwoTokensHaveNamesNone() throws {
        var file = try Self.decode(
            Self.entry,
            Self.entry.replacing("abcdefg234", with: "bbbbbbbbbb")
        )
        #expect(
            throws: TokenFileError(
                "2 tokens are named 'grafana': abcdefg234, bbbbbbbbbb; give an id"
            )
        ) { try file.revoke("grafana") }
        #expect(throws: TokenFileError("no token has the id or name 'nobody'")) {
            try file.revoke("nobody")
        }
    }
}
