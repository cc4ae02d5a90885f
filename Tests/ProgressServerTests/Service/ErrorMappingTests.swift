import ProgressRPC
import TestSupport
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
        (
            .unsupportedDatabase(UnsupportedDatabase("it is empty")), .failedPrecondition,
            "UNSUPPORTED_DATABASE"
        ),
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

    @Test(.requiresPostgres) func describeListsTheMethods() async throws {
        try await withService(try await AmpDatabase.make()) { client in
            let description = try await client.describe()
            #expect(description.name == "progress-server")
            #expect(description.epoch != 0)
            #expect(description.methods.map(\.name).contains("GetJobProgressBatch"))
        }
    }

    @Test(.requiresPostgres) func anObserverSeesTheHealthOfTheDatabase() async throws {
        try await withService(try await AmpDatabase.make(), role: .observer) { client in
            let isServing = try await eventually {
                let health = try await client.health()
                return health.status == .serving && health.database == "connected"
                    && health.schemaEra == "F" && health.currency == "scan"
            }
            #expect(isServing)
        }
        let nowhere = AmpDatabase(conninfo: "host=/nonexistent dbname=amp")
        try await withService(nowhere, role: .observer) { client in
            let health = try await client.health()
            #expect(health.status == .notServing)
            #expect(health.database == "unreachable")
            #expect(health.schemaEra.isEmpty)
        }
    }
}
