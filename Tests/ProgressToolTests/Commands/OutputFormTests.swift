import NIOCore
import NIOHTTP1
import ProgressJSON
import ProgressRPC
import Testing

@testable import ProgressTool

@Suite("How answers are printed")
struct OutputFormTests {
    /// Every command that reads jobs.
    static let commands = [
        ["job", "list"], ["jobs", "ls"], ["job", "inspect", "1"], ["jobs", "get", "1"],
        ["job", "events", "1"], ["job", "events", "1", "--event-id", "1"],
        ["job", "progress", "1"],
        ["jobs", "progress", "1", "2"], ["dataset", "jobs", "a/b@dev"],
        ["datasets", "jobs", "a/b@dev"],
    ]
    private static let event = #"{"id":1,"job_id":1,\#(SampleJobs.eventMembers)}"#
    private static let broken = SampleJobs.hiddenBody.split(separator: ",")
        .joined(separator: ",\r\n ")
    private static let progress =
        #"{"job_id":1,"job_status":"RUNNING","tables":{"a b":{"current_block":null,"#
        + #""start_block":null,"files_count":0,"total_size_bytes":0}}}"#

    /// A gateway's body for each path, not empty.
    private static func body(_ path: String) -> String {
        switch path.prefix(while: { $0 != "?" }) {
        case "/jobs", "/datasets/a/b/versions/dev/jobs":
            #"{"jobs":[\#(broken),\#(SampleJobs.runningBody)],"next_cursor":42}"#
        case "/jobs/1": broken
        case "/jobs/1/events": #"{"job_id":1,"events":[\#(event),\#(event)],"next_cursor":1}"#
        case "/jobs/1/events/1": event
        case "/jobs/1/progress": progress
        default: #"{"jobs":[\#(progress),\#(progress)],"errors":[]}"#
        }
    }

    private static func ask(_ arguments: [String], empty: Bool = false) async throws
        -> CommandResult
    {
        try await withStubGateway { request in
            guard empty else { return (.ok, Self.body(request.uri)) }
            let isEvents = request.uri == "/jobs/1/events"
            return (.ok, isEvents ? #"{"job_id":1,"events":[]}"# : #"{"jobs":[]}"#)
        } _: { url in
            try await runCommand(arguments + ["--admin-url", url])
        }
    }

    @Test("As JSON it is the API's answer, byte for byte", arguments: commands)
    func json(command: [String]) async throws {
        for form in [["--json"], ["-o", "json"], ["--output", "json"], ["-o", "json", "--json"]] {
            let result = try await Self.ask(command + form)
            #expect(result.status == .success)
            #expect(result.output.contains("\r\n") == result.output.contains(#""node_id":"b""#))
            #expect(
                [
                    Self.body("/jobs"), Self.body("/jobs/1"), Self.body("/jobs/1/events"),
                    Self.event, Self.progress, Self.body("/jobs/progress"),
                ].contains(String(result.output.dropLast())),
                "\(result.output)"
            )
        }
    }

    @Test("As lines of JSON there is one object a line, and nothing else", arguments: commands)
    func lines(command: [String]) async throws {
        let result = try await Self.ask(command + ["-o", "ndjson"])
        #expect(result.status == .success)
        let lines = result.output.split(separator: "\n", omittingEmptySubsequences: false)
        let isOne = ["inspect", "get", "--event-id"].contains { command.contains($0) }
        let count = isOne || command == ["job", "progress", "1"] ? 1 : 2
        // The last line ends too.
        #expect(lines.count == count + 1 && lines.last == "")
        for line in lines.dropLast() {
            #expect(line.first == "{" && line.last == "}" && !line.contains("\r"))
            #expect(!line.contains(#""jobs":"#) && !line.contains(#""events":"#))
        }
        #expect(result.output.contains("a b") == command.contains("progress"))
    }

    @Test("A wide table has the columns of the narrow one, and those of a job", arguments: commands)
    func wide(command: [String]) async throws {
        let narrow = try await Self.ask(command)
        let wide = try await Self.ask(command + ["-o", "wide"])
        let table = try await Self.ask(command + ["-o", "table"])
        #expect(narrow.status == .success && narrow.output == table.output)
        let columns = wide.output.split(separator: "\n")[0].split(separator: " ")
        guard narrow.output.hasPrefix("ID  Status") else {
            #expect(wide.output == narrow.output)
            return
        }
        let head = narrow.output.split(separator: "\n")[0].split(separator: " ")
        #expect(columns == head + ["Updated", "Node", "Descriptor"])
    }

    @Test(
        "An empty list is [] in JSON, nothing as lines, and a note for people",
        arguments: [
            (["job", "list"], #"{"jobs":[]}"#), (["dataset", "jobs", "a/b@dev"], #"{"jobs":[]}"#),
            (["job", "events", "1"], #"{"job_id":1,"events":[]}"#),
        ]
    )
    func empty(command: [String], body: String) async throws {
        for (form, output) in [("json", body + "\n"), ("ndjson", ""), ("table", ""), ("wide", "")] {
            let result = try await Self.ask(command + ["-o", form], empty: true)
            #expect(result.status == .success)
            #expect(result.output == output)
            #expect(result.notes.isEmpty == form.hasSuffix("json"))
        }
    }

    @Test("Jobs of a batch that have no answer are no lines, but notes and the status")
    func batch() async throws {
        let progress = { @Sendable (id: Int64) -> Result<PBJobProgress, RPCError> in
            id == 8
                ? .failure(RPCError(.notFound, "job '8' not found", reason: "JOB_NOT_FOUND"))
                : .success(someProgress(id))
        }
        try await withStubServer(progress: progress) { socket in
            let result = try await runCommand(
                ["job", "progress", "7", "8", "6", "-o", "ndjson", "--socket", socket]
            )
            let lines = [7, 6].map { String(buffer: ProgressJSON.encode(someProgress($0))) + "\n" }
            #expect(result.output == lines.joined())
            #expect(result.notes == "progressctl: job '8' not found\n")
            #expect(result.status == .notFound)
        }
    }

    @Test(
        "An unknown form ends with status 2, and the line names option, value and forms",
        arguments: commands + [["doctor"]]
    )
    func unknown(command: [String]) async throws {
        for (option, value) in [("-o", "yaml"), ("--output", "JSON"), ("-o", "")] {
            let result = try await runCommand(command + [option, value])
            #expect(result.status == .usage)
            #expect(result.output.isEmpty)
            #expect(result.notes.split(separator: "\n").count == 1)
            #expect(result.notes.contains(option) && result.notes.contains("'\(value)'"))
            #expect(result.notes.contains("'table'") && result.notes.contains("'json'"))
            #expect(result.notes.contains("'ndjson'") == (command != ["doctor"]))
        }
    }

    @Test("Two forms at once end with status 2", arguments: commands + [["doctor"]])
    func contradiction(command: [String]) async throws {
        let result = try await runCommand(command + ["--json", "-o", "table"])
        #expect(result.status == .usage)
        #expect(result.notes.contains("'--json' and '--output table' exclude each other"))
    }
}
