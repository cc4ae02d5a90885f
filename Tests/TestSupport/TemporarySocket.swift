import Logging
package import ProgressRPC

/// A socket path of its own for each test.
package enum TemporarySocket {
    /// A path that nothing uses, short enough for a socket.
    package static func path() -> String {
        "/tmp/progress-test-\(UInt64.random(in: 0 ... .max)).sock"
    }

    /// A file name of a given length.
    package static func name(byteCount: Int) -> String {
        String((0..<byteCount).map { _ in "abcdefghijklmnopqrstuvwxyz".randomElement() ?? "a" })
    }
}

/// Runs a server on a temporary socket while `body` runs.
package func withServer<Value>(
    _ handler: any RPCHandler,
    configure: (inout RPCServer.Configuration) -> Void = { _ in },
    _ body: (RPCServer, String) async throws -> Value
) async throws -> Value {
    var configuration = RPCServer.Configuration(socketPath: TemporarySocket.path())
    configure(&configuration)
    let path = configuration.socketPath
    let server = RPCServer(
        configuration: configuration,
        handler: handler,
        logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
    )
    return try await withThrowingTaskGroup(of: Void.self) { group in
        group.addTask { try await server.run() }
        do {
            let value = try await body(server, path)
            group.cancelAll()
            try await group.waitForAll()
            return value
        } catch {
            group.cancelAll()
            throw error
        }
    }
}

/// Answers Echo, and what a test adds.
package struct EchoHandler: RPCHandler {
    private let other: @Sendable (ServerCall) -> Void

    /// - Parameter other: Answers the calls of every other method.
    package init(
        other: @escaping @Sendable (ServerCall) -> Void = { call in
            call.fail(
                RPCError(
                    .unimplemented,
                    "no method \(call.method.rawValue)",
                    isNotProcessed: true
                )
            )
        }
    ) {
        self.other = other
    }

    package func handle(_ call: ServerCall) {
        call.method == .echo ? call.succeed(call.body) : self.other(call)
    }
}
