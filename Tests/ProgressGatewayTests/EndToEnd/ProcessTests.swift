import Foundation
import NIOCore
import Synchronization
import Testing

@testable import ProgressGateway

/// The program itself: command line, signals and exit codes.
@Suite(.timeLimit(.minutes(1)))
struct ProcessTests {
    @Test func itEndsWithZeroOnSIGTERMAndStaysOnSIGHUP() async throws {
        let gateway = try GatewayProcess([
            "--socket", "/nonexistent.sock", "--listen", "127.0.0.1:0", "--anonymous-scope",
            "jobs:read", "--log-level", "debug",
        ])
        await gateway.waitForLines("listening", "waiting for SIGHUP")
        kill(gateway.pid, SIGHUP)
        await gateway.waitForLines("received SIGHUP")
        kill(gateway.pid, SIGTERM)
        #expect(await gateway.exitCode() == 0)
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
        let gateway = try GatewayProcess(arguments)
        let lines = await gateway.lines.reduce(into: []) { $0.append($1) }
        #expect(await gateway.exitCode() == 2)
        #expect(lines.count == 1)
        #expect(lines.first?.hasPrefix(expected) == true)
    }

    @Test func aPortThatIsTakenIsOneClearLine() async throws {
        try await withGateway { gateway async throws in
            let port = try #require(gateway.address.port)
            let second = try GatewayProcess([
                "--socket", "/nonexistent.sock", "--listen", "127.0.0.1:\(port)",
                "--anonymous-scope", "jobs:read", "--log-level", "critical",
            ])
            let lines = await second.lines.reduce(into: []) { $0.append($1) }
            #expect(await second.exitCode() == 1)
            #expect(
                lines == [
                    "progress-gateway: cannot listen on 127.0.0.1:\(port): another program uses it; "
                        + "stop that or give another --listen HOST:PORT"
                ]
            )
        }
    }
}

/// `progress-gateway` as built beside the tests.
private final class GatewayProcess: Sendable {
    /// What it writes to standard error, line by line, until it ends.
    let lines: AsyncStream<String>
    let pid: pid_t
    private let endings: AsyncStream<Int32>

    init(_ arguments: [String]) throws {
        let tests = URL(filePath: try #require(CommandLine.arguments.first))
        let process = Process()
        process.executableURL = tests.deletingLastPathComponent().appending(
            path: "progress-gateway"
        )
        process.arguments = arguments
        process.environment = [:]
        let pipe = Pipe()
        process.standardError = pipe
        let (lines, line) = AsyncStream.makeStream(of: String.self)
        let partial = Mutex(Data())
        pipe.fileHandleForReading.readabilityHandler = { handle in
            let part = handle.availableData
            partial.withLock { partial in
                partial.append(part)
                while let end = partial.firstIndex(of: 0x0A) {
                    line.yield(String(decoding: partial[..<end], as: UTF8.self))
                    partial = Data(partial[(end + 1)...])
                }
            }
            if part.isEmpty {
                handle.readabilityHandler = nil
                line.finish()
            }
        }
        let (endings, ending) = AsyncStream.makeStream(of: Int32.self)
        process.terminationHandler = { process in
            ending.yield(process.terminationStatus)
            ending.finish()
        }
        try process.run()
        self.lines = lines
        self.pid = process.processIdentifier
        self.endings = endings
    }

    /// Reads on until each of these messages has been logged, in any order.
    func waitForLines(_ messages: String...) async {
        var missing = messages
        for await line in self.lines {
            missing.removeAll { line.contains("\"message\":\"\($0)\"") }
            if missing.isEmpty { return }
        }
        Issue.record("the program ended without logging \(missing)")
    }

    func exitCode() async -> Int32? {
        await self.endings.first { _ in true }
    }
}
