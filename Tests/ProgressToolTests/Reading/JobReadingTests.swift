import NIOCore
import ProgressJSON
import ProgressRPC
import Testing

@testable import ProgressTool

@Suite("Reading about jobs")
struct JobReadingTests {
    @Test(
        "In tables times are whole seconds; what is no time in UTC stays as it is",
        arguments: [
            ("2024-01-15T10:30:00+00:00", "2024-01-15 10:30:00"),
            ("2024-01-15T10:30:00.999999Z", "2024-01-15 10:30:00"),
            ("2024-01-15T10:30:00+02:00", "2024-01-15T10:30:00+02:00"), ("soon", "soon"),
            ("+10000-01-01T00:00:00+00:00", "+10000-01-01T00:00:00+00:00"),
        ]
    )
    func timesInTables(text: String, shown: String) {
        #expect(timeText(text) == shown)
    }

    @Test(
        "A gateway is asked for statuses in the words of the registry, each once",
        arguments: [
            ("active", "active"), (" ALL ", "all"), ("running", "RUNNING"),
            ("error, Fatal,ERROR", "ERROR,FATAL"), ("failed_recoverable", "FAILED_RECOVERABLE"),
        ]
    )
    func statuses(text: String, word: String) throws {
        let filter = try JobStatusFilter(parsing: text)
        #expect(GatewayPath.jobs(filter, PageTerms()) == "/jobs?status=\(word)")
    }

    @Test(
        "Other statuses are refused before anything is asked",
        arguments: ["", ",", "running,", "runing", "active,error", "all,active", "stop requested"]
    )
    func badStatuses(text: String) async throws {
        let result = try await runCommand(
            ["job", "list", "--status", text, "--admin-url", "http://127.0.0.1:1"]
        )
        #expect(result.status == .usage)
        #expect(result.notes.contains("STOP_REQUESTED"))
    }

    @Test("Pieces of JSON are what stands in the text")
    func pieces() {
        func pieces(_ text: String) -> [String] {
            jsonPieces(of: Array(text.utf8)[...]).map { String(decoding: $0, as: UTF8.self) }
        }
        #expect(pieces("[]").isEmpty)
        #expect(pieces(" [ \n] ").isEmpty)
        #expect(
            pieces(#"[1.50 , "a,]\"\\",{"b":[2,3]}, []]"#)
                == ["1.50", #""a,]\"\\""#, #"{"b":[2,3]}"#, "[]"]
        )
        let object = Array(#"{"ab":1,"a" : {"x": "}"} ,"c":null}"#.utf8)[...]
        #expect(jsonMember("a", of: object).map(Array.init) == Array(#"{"x": "}"}"#.utf8))
        #expect(jsonMember("x", of: object) == nil)
        #expect(jsonMember("c", of: object).map(Array.init) == Array("null".utf8))
    }

    @Test("Indented JSON keeps every value, and shows no control character")
    func indented() {
        #expect(indentedJSON(Array("null".utf8)) == ["null"])
        #expect(indentedJSON(Array("{ }".utf8)) == ["{}"])
        #expect(
            indentedJSON(Array(#"{"a" :[1e5,[ ],"{, \"\\"],"b":{"c":"\#u{202E}"}}"#.utf8)) == [
                "{", #"  "a": ["#, "    1e5,", "    [],", #"    "{, \"\\""#, "  ],", #"  "b": {"#,
                #"    "c": "\u{202e}""#, "  }", "}",
            ]
        )
    }

    @Test("A descriptor of an older release tells kind and dataset too")
    func olderDescriptor() throws {
        let text =
            SampleJobs.hiddenBody.dropLast("null}".count)
            + #"{"Dump":{"dataset_namespace":"a","dataset_name":"b"}}}"#
        let job = try JobInfo(Array(text.utf8))
        #expect(job.kind == "Dump")
        #expect(job.dataset == "a/b")
    }

    @Test("A descriptor of another shape tells nothing, and is shown all the same")
    func otherDescriptor() throws {
        let text = SampleJobs.hiddenBody.dropLast("null}".count) + #"{"kind":null,"x":[1]}}"#
        let job = try JobInfo(Array(text.utf8))
        #expect(job.dataset == nil)
        #expect(jobText(job).hasSuffix("    \"x\": [\n      1\n    ]\n  }"))
    }

    @Test("Every character of a job that could move a cursor is written out")
    func printableJobs() throws {
        var job = SampleJobs.running
        job.status = "\u{1B}[2J"
        job.datasetName = "\u{1B}[2J"
        job.tables = ["\u{1B}[2J"]
        job.descriptorJson = "{\"\u{9B}\":1}"
        var info = try JobInfo(Array(JobJSON.encode(job).readableBytesView))
        info.dataset = job.datasetName
        info.tables = job.tables
        let texts = [
            jobText(info), jobTable([info], isWide: true),
            datasetJobTable([info], tables: [info.id: job.tables], isWide: true),
        ]
        for text in texts {
            let scalars = text.unicodeScalars.filter { $0 != "\n" }
            #expect(scalars.allSatisfy { printable(String($0)) == String($0) })
        }
    }
}
