import ProgressRPC
import TestSupport

@testable import ProgressServer

/// Serves a database on a temporary socket while `body` calls it.
func withService<Value: Sendable>(
    _ database: AmpDatabase,
    role: PeerRole = .trusted,
    observations: Observations = Observations(),
    configure: (inout ProgressEngine.Configuration) -> Void = { _ in },
    _ body: @Sendable (ProgressClient) async throws -> Value
) async throws -> Value {
    var configuration = ProgressEngine.Configuration(conninfo: database.conninfo)
    configure(&configuration)
    return try await withService(configuration, role: role, observe: observations.record) {
        _,
        client in try await body(client)
    }
}

/// Serves a database on a temporary socket while `body` calls it and looks at the engine.
func withService<Value: Sendable>(
    _ configuration: ProgressEngine.Configuration,
    role: PeerRole = .trusted,
    observe: @escaping @Sendable (Observation) -> Void = { _ in },
    _ body: @Sendable (ProgressEngine, ProgressClient) async throws -> Value
) async throws -> Value {
    try await withService(configuration, connectionCount: 1, role: role, observe: observe) {
        engine,
        clients in try await body(engine, clients[0])
    }
}

/// Serves a database on a temporary socket while `body` calls it on several connections.
func withService<Value: Sendable>(
    _ configuration: ProgressEngine.Configuration,
    connectionCount: Int,
    role: PeerRole = .trusted,
    observe: @escaping @Sendable (Observation) -> Void = { _ in },
    _ body: @Sendable (ProgressEngine, [ProgressClient]) async throws -> Value
) async throws -> Value {
    let running = RunningServer()
    let engine = try ProgressEngine(
        configuration,
        render: ProgressAnswer.render(observe: observe),
        serverEpoch: { running.epoch },
        observe: observe
    )
    let service = ProgressService(engine: engine, server: running, identity: .server)
    return try await withThrowingTaskGroup(of: Void.self) { group in
        group.addTask { try await engine.run() }
        let value = try await withServer(service, configure: { $0.peers = { _ in role } }) {
            server,
            path in
            running.introduce(server)
            let clients = (0..<connectionCount).map { _ in
                ProgressClient(.init(socketPath: path))
            }
            defer { running.stopped() }
            let result: Result<Value, any Error>
            do {
                for client in clients {
                    _ = try await client.health(
                        options: CallOptions(timeout: .seconds(60), waitsForConnection: true)
                    )
                }
                result = .success(try await body(engine, clients))
            } catch {
                result = .failure(error)
            }
            for client in clients { await client.close() }
            return try result.get()
        }
        group.cancelAll()
        // The engine ends before its database or its directory does.
        while let _ = await group.nextResult() {}
        return value
    }
}

/// The error of a call.
func rpcError<Value>(_ body: () async throws -> Value) async -> RPCError? {
    do {
        _ = try await body()
        return nil
    } catch {
        return error as? RPCError
    }
}

extension PBScope {
    /// A scope of datasets, each "namespace/name", "namespace/" or "/name".
    static func datasets(_ patterns: String..., details: Bool = false) -> Self {
        var scope = Self()
        scope.details = details
        scope.datasets = patterns.map { pattern in
            let parts = pattern.split(separator: "/", omittingEmptySubsequences: false)
            var dataset = PBDatasetPattern()
            dataset.namespace = String(parts[0])
            dataset.name = String(parts[1])
            return dataset
        }
        return scope
    }

    static func everything(details: Bool) -> Self {
        var scope = Self()
        scope.all = true
        scope.details = details
        return scope
    }
}
