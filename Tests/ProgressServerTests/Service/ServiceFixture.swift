import ProgressRPC
import TestSupport

@testable import ProgressServer

/// Serves a database on a temporary socket while `body` calls it.
func withService<Value: Sendable>(
    _ database: AmpDatabase,
    role: PeerRole = .trusted,
    observations: Observations = Observations(),
    _ body: @Sendable (ProgressClient) async throws -> Value
) async throws -> Value {
    try await withStore(database.conninfo, observations: observations) { store in
        try await withService(of: store, role: role, observations: observations, body)
    }
}

/// Serves a store on a temporary socket while `body` calls it.
func withService<Value: Sendable>(
    of store: some ProgressStore,
    role: PeerRole = .trusted,
    observations: Observations = Observations(),
    _ body: @Sendable (ProgressClient) async throws -> Value
) async throws -> Value {
    let running = RunningServer()
    let service = ProgressService(
        store: store,
        server: running,
        identity: .server,
        observe: observations.record
    )
    return try await withServer(service, configure: { $0.peers = { _ in role } }) { server, path in
        running.introduce(server)
        let client = ProgressClient(.init(socketPath: path))
        defer { running.stopped() }
        do {
            _ = try await client.health(
                options: CallOptions(timeout: .seconds(60), waitsForConnection: true)
            )
            let value = try await body(client)
            await client.close()
            return value
        } catch {
            await client.close()
            throw error
        }
    }
}

/// A store that answers each read with what it was made with.
struct FixedStore: ProgressStore {
    var result: Result<JobReading, StoreError>
    var health = StoreHealth(database: .connected, era: .f)

    func read(
        _ job: JobID,
        choosing choose: @escaping @Sendable (JobPlan) -> [JobTable],
        before deadline: ContinuousClock.Instant,
        completion: @escaping @Sendable (Result<JobReading, StoreError>) -> Void
    ) -> StoreRequest {
        let request = StoreRequest(
            job: job,
            choosing: choose,
            before: deadline,
            completion: completion
        )
        request.complete(with: self.result)
        return request
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
