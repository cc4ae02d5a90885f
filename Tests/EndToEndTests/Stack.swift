import AsyncHTTPClient
import Foundation
import NIOCore
import NIOHTTP1
import ProgressRPC
import TestSupport
import Testing

/// PostgreSQL, server and gateway, each a process of its own, with one token for everything.
struct Stack: Sendable {
    let database: AmpDatabase
    let socket: String
    let tokens: String
    let server: Program
    let gateway: Program
    /// Where the gateway listens, such as `http://127.0.0.1:40123`.
    let url: String
    /// Sees all, failure details included.
    let token: String

    /// Runs all of it while `body` does.
    ///
    /// - Parameter database: `nil`: an empty one of era F.
    static func with(
        _ database: AmpDatabase? = nil,
        _ body: (Stack) async throws -> Void
    ) async throws {
        let database = if let database { database } else { try await AmpDatabase.make() }
        let directory = try TemporaryDirectory()
        let socket = directory.path + "/rpc.sock"
        let tokens = directory.path + "/tokens.json"
        let token = try await Self.makeToken(
            in: tokens,
            name: "all",
            scopes: ["jobs:read", "details:read"]
        )
        let server = try await Self.startServer(database, socket)
        let gateway = try await Program(
            "progress-gateway",
            ["--socket", socket, "--listen", "127.0.0.1:0", "--tokens", tokens]
        )
        let line = try await gateway.line(containing: "\"listening\"")
        let port = try #require(line.firstMatch(of: /127\.0\.0\.1:(\d+)/)?.1)
        let stack = Stack(
            database: database,
            socket: socket,
            tokens: tokens,
            server: server,
            gateway: gateway,
            url: "http://127.0.0.1:\(port)",
            token: token
        )
        try await body(stack)
        let gatewayEnd = await gateway.stop()
        #expect(gatewayEnd.status == 0, "\(gatewayEnd.errors)")
        guard !server.isEnded else { return directory.remove() }
        let serverEnd = await server.stop()
        #expect(serverEnd.status == 0, "\(serverEnd.errors)")
        #expect(!FileManager.default.fileExists(atPath: socket))
        directory.remove()
    }

    static func startServer(_ database: AmpDatabase, _ socket: String) async throws -> Program {
        let server = try await Program(
            "progress-server",
            ["--socket", socket, "--database", database.conninfo]
        )
        _ = try await server.line(containing: "connected to the database")
        let client = ProgressClient(.init(socketPath: socket))
        _ = try await client.health(options: CallOptions(waitsForConnection: true))
        await client.close()
        return server
    }

    static func makeToken(
        in file: String,
        name: String,
        scopes: [String]
    ) async throws -> String {
        let arguments =
            ["token", "create", "--file", file, "--name", name]
            + scopes.flatMap { ["--scope", $0] }
        let result = try await Program.run("progressctl", arguments)
        #expect(result.status == 0, "\(result.errors)")
        return try #require(
            result.output.split(whereSeparator: \.isWhitespace).last.map(String.init)
        )
    }

    struct Answer: Sendable {
        var status: Int
        var headers: [String: String]
        var body: String
    }

    /// Asks the gateway.
    func get(
        _ path: String,
        token: String? = nil,
        headers: [(String, String)] = [],
        method: String = "GET"
    ) async throws -> Answer {
        var request = HTTPClientRequest(url: self.url + path)
        request.method = .init(rawValue: method)
        request.headers.add(name: "Authorization", value: "Bearer \(token ?? self.token)")
        for (name, value) in headers { request.headers.add(name: name, value: value) }
        let response = try await HTTPClient.shared.execute(request, timeout: .seconds(20))
        let body = try await response.body.collect(upTo: 1 << 20)
        return Answer(
            status: Int(response.status.code),
            headers: Dictionary(
                response.headers.map { ($0.name.lowercased(), $0.value) }
            ) { first, _ in first },
            body: String(buffer: body)
        )
    }

    /// Runs progressctl twice, and asks the server directly and by the gateway.
    func toolBothWays(
        _ words: [String]
    ) async throws -> (bySocket: Program.Result, byGateway: Program.Result) {
        async let bySocket = Program.run("progressctl", words + ["--socket", self.socket])
        async let byGateway = Program.run(
            "progressctl",
            words + ["--admin-url", self.url],
            environment: ["AMP_AUTH_TOKEN": self.token]
        )
        return (try await bySocket, try await byGateway)
    }

    /// Runs progressctl with the token in its environment.
    func tool(_ arguments: String..., token: String? = nil) async throws -> Program.Result {
        try await Program.run(
            "progressctl",
            arguments,
            environment: ["AMP_ADMIN_URL": self.url, "AMP_AUTH_TOKEN": token ?? self.token]
        )
    }
}
