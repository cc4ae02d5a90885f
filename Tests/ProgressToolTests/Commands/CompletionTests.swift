import ArgumentParser
import Foundation
import Testing

@testable import ProgressTool

@Suite("Completion scripts", .timeLimit(.minutes(1)))
struct CompletionTests {
    private static let flags = ["--version", "-h", "--help"]
    private static let roots = [
        "job", "dataset", "call", "token", "doctor", "load", "worker", "demo", "help",
    ]
    private static let forms = ["table", "wide", "json", "ndjson"]

    /// The script of each shell, made once: that takes most of a second in a debug build.
    private static let scripts = Dictionary(
        uniqueKeysWithValues: ["bash", "zsh", "fish"].map { shell in
            (shell, CompletionScript(askedForBy: ["--generate-completion-script", shell])?.text)
        }
    )

    private static func script(_ shell: String) throws -> String {
        try #require(Self.scripts[shell] ?? nil)
    }

    @Test("Each shell gets a script with statuses and forms", arguments: ["bash", "zsh", "fish"])
    func scripts(shell: String) throws {
        let script = try Self.script(shell)
        for word in ["STOP_REQUESTED", "ndjson", "GetJobProgress", "doctor"] {
            #expect(script.contains(word))
        }
    }

    @Test("The flag prints it, and its value may stand behind a sign")
    func flag() async throws {
        let result = try await runCommand("--generate-completion-script=bash")
        #expect(result.status == .success)
        #expect(result.notes.isEmpty)
        #expect(result.output == (try Self.script("bash")) + "\n")
    }

    @Test("Another shell is wrong usage")
    func otherShell() async throws {
        #expect(try await runCommand("--generate-completion-script", "tcsh").status == .usage)
    }

    @Test(
        "bash completes commands, options and values",
        arguments: [
            ("", Self.flags + Self.roots),
            ("j", ["job"]), ("job ", Self.flags + ["progress", "list", "inspect", "events"]),
            ("job l", ["list"]),
            ("job list --st", ["--status"]), ("job list -o ", Self.forms),
            ("job list -s STOPP", ["STOPPING", "STOPPED"]), ("dataset ", Self.flags + ["jobs"]),
            ("dataset jobs a/b@dev --li", ["--limit"]), ("job progress 1 2 --inc", ["--include"]),
        ] as [(String, [String])]
    )
    func commands(line: String, words: [String]) throws {
        #expect(try Self.completions(of: line) == words)
    }

    @Test(
        "bash completes as much behind an alias",
        arguments: [
            ("job ls ", "job list "), ("job ls --", "job list --"), ("job ls -o ", "job list -o "),
            ("job get --", "job inspect --"), ("job get 7 -o ", "job inspect 7 -o "),
            ("jobs ", "job "), ("jobs l", "job l"), ("jobs list --", "job list --"),
            ("jobs ls -o ", "job list -o "), ("jobs ls -s RU", "job list -s RU"),
            ("jobs get --", "job inspect --"), ("jobs progress --inc", "job progress --inc"),
            ("datasets ", "dataset "), ("datasets jobs --", "dataset jobs --"),
            ("datasets jobs a/b@dev -o ", "dataset jobs a/b@dev -o "),
        ]
    )
    func aliases(line: String, same: String) throws {
        let words = try Self.completions(of: line)
        #expect(!words.isEmpty)
        #expect(try words == Self.completions(of: same))
    }

    @Test("No shell offers an alias", arguments: ["zsh", "fish"])
    func offers(shell: String) throws {
        let script = try Self.script(shell)
        #expect(!script.contains("The same as job"))
        #expect(!script.contains("The same as list"))
        // It is known all the same.
        #expect(script.contains(shell == "zsh" ? "_progressctl_jobs_ls()" : "progressctl jobs ls"))
    }

    @Test("A command has one alias at most, which is all that scripts know")
    func oneAlias() {
        var commands: [any ParsableCommand.Type] = [ProgressCtl.self]
        var aliases: [String] = []
        while let command = commands.popLast() {
            commands += command.configuration.subcommands
            aliases += command.configuration.aliases
            #expect(command.configuration.aliases.count <= 1)
        }
        #expect(aliases.sorted() == ["datasets", "get", "jobs", "ls"])
    }

    @Test("A shell that is installed can read its script", arguments: ["bash", "zsh", "fish"])
    func syntax(shell: String) throws {
        let folders = (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":")
        guard
            let program = folders.map({ "\($0)/\(shell)" }).first(where: {
                FileManager.default.isExecutableFile(atPath: $0)
            })
        else { return }
        let end = try Self.run(program, ["-n"], input: try Self.script(shell))
        #expect(end.status == 0)
    }

    /// What bash offers at the end of a command line, in its order.
    private static func completions(of line: String) throws -> [String] {
        let words = "progressctl \(line)".split(separator: " ", omittingEmptySubsequences: false)
            .map { "'\($0)'" }
        let end = try Self.run(
            "/bin/bash",
            ["--norc", "--noprofile", "-s"],
            input: """
                \(try Self.script("bash"))
                COMP_WORDS=(\(words.joined(separator: " ")))
                COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
                COMP_LINE="${COMP_WORDS[*]}"
                COMP_POINT=${#COMP_LINE}
                COMPREPLY=()
                _progressctl progressctl "${COMP_WORDS[COMP_CWORD]}" "${COMP_WORDS[COMP_CWORD - 1]}"
                printf '%s\\n' "${COMPREPLY[@]}"

                """
        )
        #expect(end.status == 0)
        return end.output.split(separator: "\n").map(String.init)
    }

    private static func run(
        _ program: String,
        _ arguments: [String],
        input: String
    ) throws -> (status: Int32, output: String) {
        let process = Process()
        process.executableURL = URL(filePath: program)
        process.arguments = arguments
        // A file, as a pipe may be full before anybody reads it.
        let file = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)
        try Data(input.utf8).write(to: file)
        defer { try? FileManager.default.removeItem(at: file) }
        process.standardInput = try FileHandle(forReadingFrom: file)
        let output = Pipe()
        process.standardOutput = output
        try process.run()
        let data = try output.fileHandleForReading.readToEnd() ?? Data()
        process.waitUntilExit()
        return (process.terminationStatus, String(decoding: data, as: UTF8.self))
    }
}
