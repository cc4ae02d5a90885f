import AsyncHTTPClient
import Foundation
import NIOCore
import NIOHTTP1
import TestSupport
import Testing

/// `progressctl demo` as a newcomer runs it.
@Suite("The demo", .requiresPostgres, .timeLimit(.minutes(3)))
struct DemoTests {
    /// What the line with `curl` says.
    private struct Request: Equatable {
        var url: String
        var token: String

        init(_ line: String) throws {
            let match = try #require(
                line.firstMatch(
                    of: /^ *curl -s -H 'Authorization: Bearer (amppt_\w+)' (http:\/\/\S+)$/
                ),
                "\(line)"
            )
            self.token = String(match.1)
            self.url = String(match.2)
        }

        /// The answer's body; the status must be 200.
        func body() async throws -> String {
            var request = HTTPClientRequest(url: self.url)
            request.headers.add(name: "Authorization", value: "Bearer \(self.token)")
            let response = try await HTTPClient.shared.execute(request, timeout: .seconds(20))
            let body = String(buffer: try await response.body.collect(upTo: 1 << 20))
            #expect(response.status == .ok, "\(body)")
            return body
        }

        /// The highest block of each table, by its name.
        func currentBlocks() async throws -> [String: Int64] {
            let document = try JSONDecoder().decode(
                Document.self,
                from: Data(try await self.body().utf8)
            )
            return document.tables.compactMapValues(\.current_block)
        }
    }

    private struct Document: Decodable {
        struct Table: Decodable {
            var current_block: Int64?
        }

        var tables: [String: Table]
    }

    private static func start(in home: String, data: String) async throws -> Program {
        try await Program(
            "progressctl",
            [
                "demo", "--data", data, "--listen",
                "127.0.0.1:\(UInt16.random(in: 20_000..<32_000))",
            ],
            environment: ["HOME": home, "XDG_DATA_HOME": home]
        )
    }

    /// The address for a browser shows a page, and is of the job that `curl` asks for.
    private static func expectPage(at url: String, of request: Request) async throws {
        #expect(url.replacing("/ui/", with: "/") + "/progress" == request.url)
        let answer = try await HTTPClient.shared.execute(
            HTTPClientRequest(url: url),
            timeout: .seconds(20)
        )
        #expect(answer.status == .ok)
        #expect(answer.headers.first(name: "Content-Type")?.hasPrefix("text/html") == true)
    }

    /// Command lines of the processes that name `path`.
    private static func processes(naming path: String) throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: "/proc").compactMap { name in
            guard Int(name) != nil,
                let words = FileManager.default.contents(atPath: "/proc/\(name)/cmdline")
            else { return nil }
            let line = String(decoding: words, as: UTF8.self).replacing("\0", with: " ")
            return line.contains(path) ? line : nil
        }
    }

    @Test("The line with curl works when pasted, the job moves, Ctrl-C leaves only data; and again")
    func twice() async throws {
        let home = try TemporaryDirectory()
        defer { home.remove() }
        let data = home.path + "/demo"
        var requests: [Request] = []
        for signal in [SIGINT, SIGTERM] {
            let demo = try await Self.start(in: home.path, data: data)
            let page = try await demo.line(containing: "/ui/jobs/")
            let request = try Request(try await demo.line(containing: "curl "))
            try await Self.expectPage(at: page.trimmingCharacters(in: .whitespaces), of: request)
            let before = try await request.currentBlocks()
            #expect(before.count == 3)
            // It moves within a second; the suite's limit ends the wait for one that does not.
            while try await request.currentBlocks() == before {
                try Task.checkCancellation()
            }
            #expect(try !Self.processes(naming: data).isEmpty)
            let end = await demo.stop(signal)
            #expect(end.status == 0, "\(end.errors)")
            #expect(try Self.processes(naming: data) == [])
            #expect(access(data + "/rpc.sock", F_OK) != 0)
            #expect(!end.output.contains("progressctl:"), "\(end.output)")
            requests.append(request)
        }
        #expect(requests[0].token != requests[1].token)
        #expect(
            try FileManager.default.contentsOfDirectory(atPath: home.path).sorted() == [
                "demo", "lock",
            ]
        )
    }
}
