import ArgumentParser
import Glibc
import TestSupport
import Testing

@testable import ProgressTool

@Suite("Whom a command asks")
struct TargetOptionsTests {
    private func target(
        _ arguments: [String],
        _ environment: [String: String] = [:]
    ) throws -> String {
        switch try TargetOptions.parse(arguments).target(environment: { environment[$0] }) {
        case .server(let socket): "socket \(socket)"
        case .gateway(let gateway): "\(gateway.baseURL) \(gateway.token ?? "-")"
        }
    }

    @Test("A flag wins over the environment, the environment over the default")
    func precedence() throws {
        #expect(try self.target([]) == "http://localhost:1610 -")
        #expect(try self.target([], ["AMP_ADMIN_URL": "http://h:1"]) == "http://h:1 -")
        #expect(
            try self.target(["--admin-url", "http://h:2/"], ["AMP_ADMIN_URL": "http://h:1"])
                == "http://h:2 -"
        )
        #expect(
            try self.target([], ["PROGRESS_SOCKET": "/s", "AMP_ADMIN_URL": "http://h"])
                == "socket /s"
        )
        #expect(
            try self.target(["--admin-url", "http://h"], ["PROGRESS_SOCKET": "/s"])
                == "http://h -"
        )
        #expect(try self.target(["--socket", "/t"], ["PROGRESS_SOCKET": "/s"]) == "socket /t")
    }

    @Test("An empty variable counts as none")
    func emptyVariables() throws {
        let empty = ["PROGRESS_SOCKET": "", "AMP_ADMIN_URL": "", "AMP_AUTH_TOKEN": ""]
        #expect(try self.target([], empty) == "http://localhost:1610 -")
    }

    @Test(
        "URLs that name no gateway are refused with status 2",
        arguments: [
            "http://h:99999", "http://h:65536", "http://h:0", "http://u:p@h:1", "http://h/x?y",
            "http://h#f", "", "localhost:1610", "ftp://h", "http://", "unix:/s",
        ]
    )
    func badURLs(url: String) {
        let error = #expect(throws: ToolError.self) { try self.target(["--admin-url", url]) }
        #expect(error?.status == .usage)
    }

    @Test("A path that no socket can have is refused with status 2")
    func longSocketPath() throws {
        let longest = String(repeating: "s", count: 107)
        #expect(try self.target(["--socket", longest]) == "socket \(longest)")
        let error = #expect(throws: ToolError.self) {
            try self.target(["--socket", longest + "s"])
        }
        #expect(error?.status == .usage)
    }

    @Test("A token that no header can hold is refused, and not repeated")
    func tokenWithLineBreak() {
        let error = #expect(throws: ToolError.self) {
            try self.target([], ["AMP_AUTH_TOKEN": "secret\r\nx: y"])
        }
        #expect(error?.status == .usage)
        #expect(error?.message.contains("secret") == false)
    }

    @Test("A token file is read without the line break at its end, if only its owner can read it")
    func tokenFile() throws {
        let directory = try TemporaryDirectory()
        defer { directory.remove() }
        let path = "\(directory.path)/token"
        let file = try #require(fopen(path, "w"))
        fputs("amppt_x\n", file)
        fclose(file)
        chmod(path, 0o600)
        #expect(try self.target(["--token-file", path]) == "http://localhost:1610 amppt_x")
        chmod(path, 0o640)
        let error = #expect(throws: ToolError.self) { try self.target(["--token-file", path]) }
        #expect(error?.status == .usage)
        #expect(throws: ToolError.self) { try self.target(["--token-file", "\(path).none"]) }
    }
}
