import Glibc
import NIOHTTP1
import TestSupport
import Testing

@testable import ProgressTool

@Suite("The parts of the demo")
struct DemoPartsTests {
    @Test(
        "An address is a host and a port",
        arguments: [
            ("127.0.0.1:1610", "127.0.0.1", 1610), ("localhost:1", "localhost", 1),
            ("[::1]:65535", "::1", 65_535),
        ] as [(String, String, UInt16)]
    )
    func addresses(text: String, host: String, port: UInt16) throws {
        let address = try #require(ListenAddress(parsing: text))
        #expect(address == ListenAddress(host: host, port: port))
        #expect(address.text == text)
    }

    @Test(
        "Other texts are none",
        arguments: ["", ":1", "h", "h:", "h:0", "h:65536", "::1:2", "h:-1"]
    )
    func badAddresses(text: String) {
        #expect(ListenAddress(parsing: text) == nil)
    }

    @Test("A port that is taken is passed over")
    func takenPort() async throws {
        try await withStubGateway { _ in
            (.ok, "")
        } _: { url in
            let port = try #require(UInt16(url.split(separator: ":").last ?? ""))
            let address = ListenAddress(host: "127.0.0.1", port: port)
            #expect(try address.firstFree() != address)
        }
    }

    @Test("The data is in XDG's place, in the home, or for root where PostgreSQL's user may go")
    func defaultPath() throws {
        func path(_ isRoot: Bool, _ environment: [String: String]) throws -> String {
            try DemoDirectory.defaultPath(isRoot: isRoot) { environment[$0] }
        }
        #expect(try path(false, ["HOME": "/h"]) == "/h/.local/share/progress/demo")
        #expect(try path(false, ["HOME": "/h", "XDG_DATA_HOME": "/x"]) == "/x/progress/demo")
        #expect(
            try path(false, ["HOME": "/h", "XDG_DATA_HOME": "x"]) == "/h/.local/share/progress/demo"
        )
        #expect(try path(true, ["HOME": "/root"]) == "/var/lib/progress/demo")
        #expect(throws: ToolError.self) { try path(false, [:]) }
    }

    @Test("A directory has one demo at a time, and the second learns whose it is")
    func lock() throws {
        let temporary = try TemporaryDirectory()
        defer { temporary.remove() }
        let path = "\(temporary.path)/demo"
        var first: DemoDirectory? = try DemoDirectory(path: path)
        #expect(first?.path == path)
        let error = #expect(throws: ToolError.self) { try DemoDirectory(path: path) }
        #expect(error?.message.contains("process \(getpid()) owns") == true)
        first = nil
        _ = try DemoDirectory(path: path)
    }

    @Test("A reset removes what the demo wrote and nothing else")
    func reset() throws {
        let temporary = try TemporaryDirectory()
        defer { temporary.remove() }
        let directory = try DemoDirectory(path: "\(temporary.path)/demo")
        for name in ["tokens.json", "mine"] { close(creat("\(directory.path)/\(name)", 0o600)) }
        try directory.reset()
        #expect(access(directory.tokens, F_OK) != 0)
        #expect(access("\(directory.path)/mine", F_OK) == 0)
        #expect(access("\(directory.path)/logs", W_OK) == 0)
    }

    @Test("A directory that holds something and was never a demo's is left alone, reset or not")
    func foreignDirectory() throws {
        let temporary = try TemporaryDirectory()
        defer { temporary.remove() }
        let path = "\(temporary.path)/mine"
        mkdir(path, 0o755)
        #expect(throws: Never.self) { try DemoDirectory(path: path) }
        unlink("\(path)/demo.lock")
        close(creat("\(path)/tokens.json", 0o600))
        let error = #expect(throws: ToolError.self) { try DemoDirectory(path: path) }
        #expect(error?.status == .usage)
        #expect(error?.message.contains(path) == true)
        #expect(access("\(path)/demo.lock", F_OK) != 0)
        #expect(access("\(path)/tokens.json", F_OK) == 0)
    }

    @Test("A path too long for a socket is refused with status 2")
    func longPath() {
        let path = "/tmp/" + String(repeating: "x", count: DemoDirectory.socketPathLimit)
        let error = #expect(throws: ToolError.self) { try DemoDirectory(path: path) }
        #expect(error?.status == .usage)
    }

    @Test("A child's end, status and last words are known; a stopped one is gone")
    func processes() async throws {
        let temporary = try TemporaryDirectory()
        defer { temporary.remove() }
        let (ends, end) = AsyncStream.makeStream(of: Int32?.self)
        let failing = try await DemoProcess.start(
            name: "failing",
            arguments: ["sh", "-c", "echo one; echo 'two\u{7}' >&2; exit 3"],
            logPath: "\(temporary.path)/failing.log"
        ) { end.yield($0.status) }
        for await status in ends {
            #expect(status == 3)
            break
        }
        #expect(failing.lastLogLines(1) == ["two\\u{7}"])

        let sleeping = try await DemoProcess.start(
            name: "sleeping",
            arguments: ["sleep", "600"],
            logPath: "\(temporary.path)/sleeping.log"
        ) { _ in }
        #expect(sleeping.status == nil)
        sleeping.stop()
        #expect(sleeping.status == 128 + SIGTERM)
    }
}
