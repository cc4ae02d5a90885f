import ProgressRPC
import Testing

@testable import ProgressServer

@Suite("What callers are told of a failed read")
struct ErrorMappingTests {
    static let table = JobTable(
        name: "blocks",
        dataset: DatasetName(namespace: "eth", name: "main"),
        manifestHash: "h",
        revision: RevisionID(rawValue: 7)
    )

    static let rows: [(StoreError.Kind, RPCError.Code, String)] = [
        (.jobUnreadable, .internalError, "GET_JOB_ERROR"),
        (.detailUnreadable, .internalError, "GET_JOB_DETAIL_ERROR"),
        (.tablesUnreadable, .internalError, "GET_TABLES_ERROR"),
        (.filesUnreadable(table), .internalError, "SNAPSHOT_TABLE_ERROR"),
        (.unavailable, .unavailable, "DATABASE_UNAVAILABLE"),
        (.unsupportedDatabase, .failedPrecondition, "UNSUPPORTED_DATABASE"),
        (.deadlineExceeded, .deadlineExceeded, ""),
        (.cancelled, .cancelled, ""),
        (.queueFull, .resourceExhausted, "TOO_MANY_CALLS"),
        (.stopping, .unavailable, "DRAINING"),
    ]

    @Test(arguments: rows)
    func eachKindHasItsCodeAndReason(_ row: (StoreError.Kind, RPCError.Code, String)) {
        let error = RPCError(StoreError(row.0, "relation \"jobs\" on host /run/secret"))
        #expect(error.code == row.1)
        #expect(error.reason == row.2)
        #expect(!error.message.contains("secret"))
        #expect(!error.message.isEmpty)
    }

    @Test func onlyWhatMayPassSoonAdvisesARetry() {
        #expect(RPCError(StoreError(.unavailable, "")).retryAfter == .seconds(1))
        #expect(RPCError(StoreError(.jobUnreadable, "")).retryAfter == nil)
    }

    @Test func aStoreThatFailsIsAnErrorOfTheCall() async throws {
        let store = FixedStore(result: .failure(StoreError(.tablesUnreadable, "x")))
        try await withService(of: store) { client in
            let error = await rpcError { try await client.jobProgress(1) }
            #expect(error?.reason == "GET_TABLES_ERROR")
        }
    }

    @Test(arguments: [
        (StoreHealth(database: .connected, era: .g), PBHealthResponse.Status.serving, "G"),
        (StoreHealth(database: .unreachable, era: nil), .notServing, ""),
        (StoreHealth(database: .unsupported, era: nil), .notServing, ""),
    ])
    func healthIsThatOfTheDatabase(
        _ row: (health: StoreHealth, status: PBHealthResponse.Status, era: String)
    ) async throws {
        let store = FixedStore(result: .failure(StoreError(.unavailable, "")), health: row.health)
        try await withService(of: store, role: .observer) { client in
            let health = try await client.health()
            #expect(health.status == row.status)
            #expect(health.database == row.health.database.rawValue)
            #expect(health.schemaEra == row.era)
        }
    }

    @Test func describeListsTheMethods() async throws {
        let store = FixedStore(result: .success(JobReading(snapshot: "1:1:")))
        try await withService(of: store) { client in
            let description = try await client.describe()
            #expect(description.name == "progress-server")
            #expect(description.epoch != 0)
            #expect(description.methods.map(\.name).contains("GetJobProgress"))
        }
    }
}
