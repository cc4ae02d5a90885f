import Foundation
import NIOCore
import Testing

@testable import ProgressGateway

/// The program itself: command line, signals and exit codes.
@Suite(.serialized, .timeLimit(.minutes(1)))
struct ProcessTests {
    @Test func itEndsWithZeroOnSIGTERMAndStaysOnSIGHUP() async throws {
        try await withTemporaryDirectory { directory in
            let gateway = try GatewayProcess(
                [
                    "--socket", "/nonexistent.sock", "--listen", "127.0.0.1:0", "--anonymous-scope",
                    "jobs:read", "--log-level", "debug",
                ],
                log: directory + "/log"
            )
            await gateway.waitForMessages("listening", "waiting for SIGHUP")
            kill(gateway.pid, SIGHUP)
            await gateway.waitForMessages("received SIGHUP")
            kill(gateway.pid, SIGTERM)
            #expect(await gateway.exitCode() == 0)
            #expect(gateway.lines.last?.contains("\"message\":\"stopped\"") == true)
        }
    }

    @Test(
        "A command line that is wrong is one line and exit code 2",
        arguments: [
            (["--bogus"], "progress-gateway: Unknown option '--bogus'"),
            (["--listen"], "progress-gateway: Missing value for '--listen <host:port>'"),
            (["--listen", "x", "--tokens", "/t"], "progress-gateway: --listen is 'x'; it must be"),
            (["--socket", "/s"], "progress-gateway: no credentials are configured"),
            (["extra"], "progress-gateway: Unexpected argument 'extra'"),
        ]
    )
    func usage(arguments: [String], expected: String) async throws {
        try await withTemporaryDirectory { directory in
            let gateway = try GatewayProcess(arguments, log: directory + "/log")
            #expect(await gateway.exitCode() == 2)
            #expect(gateway.lines.count == 1)
            #expect(gateway.lines.first?.hasPrefix(expected) == true)
        }
    }

    @Test func aPortThatIsTakenIsOneClearLine() async throws {
        try await withGateway { gateway async throws in
            let port = try #require(gateway.address.port)
            try await withTemporaryDirectory { directory in
                let second = try GatewayProcess(
                    [
                        "--socket", "/nonexistent.sock", "--listen", "127.0.0.1:\(port)",
                        "--anonymous-scope", "jobs:read", "--log-level", "critical",
                    ],
                    log: directory + "/log"
                )
                #expect(await second.exitCode() == 1)
                #expect(
                    second.lines == [
                        "progress-gateway: cannot listen on 127.0.0.1:\(port): another program "
                            + "uses it; stop that or give another --listen HOST:PORT"
                    ]
                )
            }
        }
    }
}

/// `progress-gateway` as built beside the tests, writing to a file.
private final class GatewayProcess: Sendable {
    let pid: pid_t
    private let log: String
    private let endings: AsyncStream<Int32>

    init(_ arguments: [String], log: String) throws {
        let tests = URL(filePath: try #require(CommandLine.arguments.first))
        let process = Process()
        process.executableURL = tests.deletingLastPathComponent().appending(
            path: "progress-gateway"
        )
        process.arguments = arguments
        process.environment = [:]
        try #require(FileManager.default.createFile(atPath: log, contents: nil))
        process.standardError = FileHandle(forWritingAtPath: log)
        let (endings, ending) = AsyncStream.makeStream(of: Int32.self)
        process.terminationHandler = { process in
            ending.yield(process.terminationStatus)
            ending.finish()
        }
        try process.run()
        self.pid = process.processIdentifier
        self.log = log
        self.endings = endings
    }

    /// What it has written to standard error so far.
    var lines: [Substring] {
        let content = FileManager.default.contents(atPath: self.log) ?? Data()
        return String(decoding: content, as: UTF8.self).split(separator: "\n")
    }

    /// Waits until each of these messages has been logged, in any order.
    func waitForMessages(_ messages: String...) async {
        var missing = messages
        while !missing.isEmpty, !Task.isCancelled {
            let lines = self.lines
            missing.removeAll { message in
                lines.contains { $0.contains("\"message\":\"\(message)\"") }
            }
            await Task.yield()
        }
    }

    func exitCode() async -> Int32? {
        await self.endings.first { _ in true }
    }
}
