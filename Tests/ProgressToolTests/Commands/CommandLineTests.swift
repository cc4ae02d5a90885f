import Testing

@testable import ProgressTool

@Suite("The command line")
struct CommandLineTests {
    @Test("Help and version end with status 0 and go to standard output")
    func helpIsAResult() async throws {
        let help = try await runCommand("--help")
        #expect(help.status == .success)
        #expect(help.output.contains("SUBCOMMANDS"))
        #expect(help.notes.isEmpty)

        let version = try await runCommand("--version")
        #expect(version.status == .success)
        #expect(version.output == "\(ToolApplication.version)\n")
    }

    @Test("A group without a subcommand shows its help")
    func groupShowsHelp() async throws {
        let result = try await runCommand("token")
        #expect(result.status == .success)
        #expect(result.output.contains("create"))
    }

    @Test(
        "What cannot be understood ends with status 2 and one line that names it",
        arguments: [
            ["job", "progress", "1", "--tabel"], ["token", "lst"],
            ["load", "--connections", "1025", "--method", "echo"],
            ["load", "--in-flight", "0", "--method", "echo"],
            ["load", "--duration", "2h", "--method", "echo"],
            ["load", "--requests", "x", "--method", "echo"],
            ["load", "--method", "stream"], ["load"],
            ["load", "--method", "echo", "--job", "1"],
            ["worker", "simulate", "--database", "x", "--rate", "0"],
            ["worker", "simulate", "--database", "x", "--job", "1", "--create", "a/b"],
            ["demo", "--listen", "1610"], ["demo", "--listen", "localhost:0"],
            ["demo", "--listen", "localhost:65536"],
            ["job", "progress", "1", "--timeout", "10 s"],
            ["job", "progress"], ["job", "progress", "1", "2", "1"],
            ["job", "progress"] + (1...1_025).map(String.init),
            ["job", "progress", "1", "--wait", "0s"], ["job", "progress", "1", "--wait", "61s"],
            ["job", "progress", "1", "2", "--wait", "1s"],
            ["job", "progress", "1", "--wait", "1s", "--max-staleness", "1s"],
            ["job", "progress", "1", "--max-staleness", "3601s"],
            ["load", "--method", "echo", "--max-staleness", "1s"],
            ["job", "progress", "1", "--socket", "/a", "--admin-url", "http://b"],
            ["job", "progress", "1", "--auth-token", "a", "--token-file", "b"],
            ["job", "list", "--limit", "0"], ["job", "list", "--limit", "1001"],
            ["job", "list", "--after", "0"], ["job", "list", "-o", "yaml"],
            ["job", "list", "--json", "-o", "table"], ["job", "list", "1"],
            ["job", "inspect"], ["job", "inspect", "0"], ["job", "inspect", "1", "2"],
            ["job", "events"], ["job", "events", "1", "--limit", "10001"],
            ["job", "events", "1", "--event-id", "0"],
            ["job", "events", "1", "--event-id", "1", "--after", "1"],
            ["dataset", "jobs"], ["dataset", "jobs", "a/b@dev", "--limit", "1001"],
        ]
    )
    func usageErrors(arguments: [String]) async throws {
        let result = try await runCommand(arguments)
        #expect(result.status == .usage)
        #expect(result.output.isEmpty)
        let lines = result.notes.split(separator: "\n")
        #expect(lines.count == 1)
        #expect(lines.first?.hasPrefix("progressctl: ") == true)
    }

    @Test("The line names the option, the value and what is allowed")
    func usageErrorIsHelpful() async throws {
        let result = try await runCommand("load", "--method", "echo", "--connections", "1025")
        #expect(result.notes.contains("--connections"))
        #expect(result.notes.contains("1025"))
        #expect(result.notes.contains("between 1 and 1024"))
    }

    @Test(
        "Help names the default of every option that has one",
        arguments: [
            (["job", "progress"], ["table", "10s", "0s"]), (["call"], ["{}", "10s"]),
            (["load"], ["10s", "progress", "1", "1", "10s; with --requests 1h", "24", "0s"]),
            (["job", "list"], ["50", "active", "table", "10s"]),
            (["job", "inspect"], ["table", "10s"]), (["doctor"], ["table", "10s"]),
            (["job", "events"], ["10000", "table", "10s"]),
            (["dataset", "jobs"], ["1000", "table", "10s"]),
            (["worker", "simulate"], ["2", "1", "6", "20"]), (["demo"], ["127.0.0.1:1610"]),
        ]
    )
    func defaults(command: [String], values: [String]) async throws {
        let help = try await runCommand(command + ["--help"]).output
        let words = help.split(whereSeparator: \.isWhitespace).joined(separator: " ")
        let named = words.matches(of: /default: ([^)]*)\)/).map { String($0.1) }
        #expect(named.sorted() == values.sorted())
    }

    @Test(
        "A job's number follows the rule of the API",
        arguments: [
            ("1", 1), ("+42", 42), ("042", 42), ("9223372036854775807", Int64.max),
        ] as [(String, Int64)]
    )
    func jobNumbers(text: String, id: Int64) throws {
        #expect(try jobNumber(text) == id)
    }

    @Test(
        "Other numbers of jobs end with status 2",
        arguments: ["0", "-1", "abc", "", "4%32", "9223372036854775808", "1.0", " 1", "1_0", "٤"]
    )
    func badJobNumbers(text: String) async throws {
        #expect(try await runCommand("job", "progress", "--", text).status == .usage)
        #expect(try await runCommand("jobs", "progress", "--", text).status == .usage)
    }

    @Test(
        "Time spans have a unit, or are seconds",
        arguments: [
            ("250ms", .milliseconds(250)), ("10s", .seconds(10)), ("10", .seconds(10)),
            ("2m", .seconds(120)), ("1h", .seconds(3_600)),
        ] as [(String, Duration)]
    )
    func timeSpans(text: String, duration: Duration) {
        #expect(parseDuration(text) == duration)
        #expect(parseDuration(spoken(duration)) == duration)
    }

    @Test(
        "Other words are no time spans",
        arguments: ["", "s", "-1s", "1.5s", "1 s", "10S", "99999999999999999999s", "٣s"]
    )
    func badTimeSpans(text: String) {
        #expect(parseDuration(text) == nil)
    }
}
