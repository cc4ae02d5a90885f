import NIOCore
import ProgressJSON
import ProgressRPC
import Testing

struct ProgressJSONTests {
    private static func text(_ progress: PBJobProgress) -> String {
        String(buffer: ProgressJSON.encode(progress))
    }

    private static func job(_ tables: PBTableProgress..., detail: String? = nil) -> PBJobProgress {
        var progress = PBJobProgress()
        progress.jobID = 1
        progress.jobStatus = "ERROR"
        progress.tables = tables
        if let detail { progress.detailJson = detail }
        return progress
    }

    @Test func aJobWithoutTablesHasAnEmptyObject() {
        #expect(Self.text(Self.job()) == #"{"job_id":1,"job_status":"ERROR","tables":{}}"#)
    }

    @Test func nullsAreWrittenAndZeroIsNotNull() {
        #expect(
            Self.text(Self.job(.sample("a"), .sample("b", range: 0...0, files: 1, bytes: 0)))
                == #"{"job_id":1,"job_status":"ERROR","tables":{"#
                + #""a":{"current_block":null,"start_block":null,"files_count":0,"total_size_bytes":0},"#
                + #""b":{"current_block":0,"start_block":0,"files_count":1,"total_size_bytes":0}}}"#
        )
    }

    @Test func numbersAreExactTo64Bits() {
        let table = PBTableProgress.sample(
            "t",
            range: ((1 << 53) + 1)...Int64.max,
            files: .max,
            bytes: .min
        )
        #expect(
            Self.text(Self.job(table)).contains(
                #"{"current_block":9223372036854775807,"start_block":9007199254740993,"#
                    + #""files_count":9223372036854775807,"total_size_bytes":-9223372036854775808}"#
            )
        )
    }

    @Test func tablesAreSortedByName() {
        let text = Self.text(Self.job(.sample("b"), .sample("a"), .sample("B"), .sample("ab")))
        let positions = ["\"B\"", "\"a\"", "\"ab\"", "\"b\""].map {
            text.firstRange(of: $0)?.lowerBound
        }
        #expect(positions.allSatisfy { $0 != nil })
        #expect(positions.compactMap { $0 } == positions.compactMap { $0 }.sorted())
    }

    @Test func aDetailIsPassedOnAsItIs() {
        let detail = #"{"error_code":"X",  "n":1.50,"ü":"\u0041"}"#
        #expect(
            Self.text(Self.job(detail: detail))
                == #"{"job_id":1,"job_status":"ERROR","tables":{},"detail":\#(detail)}"#
        )
    }

    @Test(
        "Names are escaped as RFC 8259 asks and no more",
        arguments: [
            ("plain", #""plain""#), ("", #""""#), ("a\"b\\c", #""a\"b\\c""#),
            ("\u{08}\t\n\u{0C}\r", #""\b\t\n\f\r""#), ("\u{0}\u{1F}", #""\u0000\u001f""#),
            ("\u{7F}/é🦀\u{2028}", "\"\u{7F}/é🦀\u{2028}\""),
        ]
    )
    func escaping(text: String, expected: String) {
        var buffer = ByteBuffer()
        buffer.writeJSON(text)
        #expect(String(buffer: buffer) == expected)
    }
}
