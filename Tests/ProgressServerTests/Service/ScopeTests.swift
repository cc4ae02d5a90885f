import ProgressRPC
import TestSupport
import Testing

@testable import ProgressServer

@Suite("Scopes", .requiresPostgres, .timeLimit(.minutes(2)))
struct ScopeTests {
    @Test("One revision, active in two datasets: each scope sees its own row")
    func aSharedRevisionCountsRowByRow() async throws {
        let database = try await AmpDatabase.make()
        let job = try await database.addJob(dataset: "eth/main")
        let revision = try await database.addTable("blocks", of: "eth/main", job: job)
        try await database.activate(revision, as: "blocks", of: "zeta/copy")
        try await database.activate(revision, as: "only_there", of: "zeta/copy")
        try await database.addChain(of: 2, to: revision)
        let cases: [(PBScope, [String])] = [
            (.everything(details: false), ["eth/main blocks", "zeta/copy only_there"]),
            (.datasets("eth/main"), ["eth/main blocks"]),
            (.datasets("eth/"), ["eth/main blocks"]),
            (.datasets("/main"), ["eth/main blocks"]),
            (.datasets("zeta/copy"), ["zeta/copy blocks", "zeta/copy only_there"]),
            (.datasets("/"), ["eth/main blocks", "zeta/copy only_there"]),
        ]
        try await withService(database, role: .gateway) { client in
            for (scope, expected) in cases {
                let progress = try #require(
                    try await client.jobProgress(job, options: CallOptions(scope: scope))
                )
                let tables = progress.tables.map {
                    "\($0.datasetNamespace)/\($0.datasetName) \($0.name)"
                }
                #expect(tables == expected)
                #expect(progress.tables.allSatisfy { $0.filesCount == 2 })
            }
        }
    }

    @Test func outOfScopeAndAbsentAnswerAlike() async throws {
        let database = try await AmpDatabase.make()
        let job = try await database.addJob(dataset: "eth/main")
        _ = try await database.addTable("blocks", of: "eth/main", job: job)
        let options = CallOptions(scope: .datasets("eth/other", "base/"))
        try await withService(database, role: .gateway) { client in
            let hidden = try #require(
                await rpcError { try await client.jobProgress(job, options: options) }
            )
            let absent = try #require(
                await rpcError { try await client.jobProgress(job + 1, options: options) }
            )
            #expect(hidden.reason == "JOB_NOT_FOUND")
            #expect(hidden.message == "job '\(job)' not found")
            var renamed = absent
            renamed.message = hidden.message
            #expect(renamed == hidden)
        }
    }

    @Test func aJobOfUnknownDatasetIsForThoseWhoSeeAllOrOneOfItsTables() async throws {
        let database = try await AmpDatabase.make()
        let bare = try await database.addJob(dataset: nil)
        let withTable = try await database.addJob(dataset: nil)
        _ = try await database.addTable("blocks", of: "eth/main", job: withTable)
        try await withService(database, role: .gateway) { client in
            let all = CallOptions(scope: .everything(details: false))
            let every = CallOptions(scope: .datasets("/"))
            let none = CallOptions(scope: PBScope())
            let seen = try await client.jobProgress(bare, options: all)
            #expect(seen?.tables.isEmpty == true)
            #expect(await rpcError { try await client.jobProgress(bare, options: every) } != nil)
            let table = try await client.jobProgress(withTable, options: every)
            #expect(table?.tables.count == 1)
            let error = await rpcError { try await client.jobProgress(withTable, options: none) }
            #expect(error?.reason == "JOB_NOT_FOUND")
        }
    }

    @Test func aJobWhoseDatasetIsVisibleIsSeenWithoutTables() async throws {
        let database = try await AmpDatabase.make()
        let job = try await database.addJob(dataset: "eth/main")
        _ = try await database.addTable("blocks", of: "zeta/copy", job: job)
        try await withService(database, role: .gateway) { client in
            let progress = try await client.jobProgress(
                job,
                options: CallOptions(scope: .datasets("eth/main"))
            )
            #expect(progress?.tables.isEmpty == true)
        }
    }

    @Test func whyAJobFailedIsForThoseWhoSeeItsOwnDataset() async throws {
        let database = try await AmpDatabase.make()
        let detail = #"{"error_code": "E", "error_message": "m", "path": "/p"}"#
        let job = try await database.addJob(
            status: "FATAL",
            dataset: "eth/main",
            detail: detail
        )
        let stray = try await database.addJob(status: "FATAL", dataset: nil, detail: detail)
        for job in [job, stray] {
            _ = try await database.addTable("blocks \(job)", of: "zeta/copy", job: job)
        }
        let full = #"{"path":"/p","error_code":"E","error_message":"m"}"#
        let cut = #"{"error_code":"E","error_message":"m"}"#
        let cases: [(Int64, PBScope, String)] = [
            (job, .datasets("zeta/copy"), ""),
            (job, .datasets("zeta/copy", details: true), ""),
            (job, .datasets("eth/main"), cut),
            (job, .datasets("eth/main", "zeta/copy", details: true), full),
            (job, .datasets("/", details: true), full),
            (stray, .datasets("/", details: true), ""),
            (stray, .everything(details: false), cut),
            (stray, .everything(details: true), full),
        ]
        try await withService(database, role: .gateway) { client in
            for (job, scope, expected) in cases {
                let progress = try #require(
                    try await client.jobProgress(job, options: CallOptions(scope: scope))
                )
                #expect(progress.jobStatus == "FATAL")
                #expect(progress.detailJson == expected, "\(scope)")
                #expect(progress.hasDetailJson == !expected.isEmpty)
            }
        }
    }

    @Test func aGatewayMustSendAScope() async throws {
        let database = try await AmpDatabase.make()
        try await withService(database, role: .gateway) { client in
            let error = await rpcError { try await client.jobProgress(1) }
            #expect(error?.code == .unauthenticated)
            #expect(error?.reason == "SCOPE_REQUIRED")
        }
    }

    @Test func anObserverSeesHealthAndNoJob() async throws {
        let database = try await AmpDatabase.make()
        let job = try await database.addJob()
        try await withService(database, role: .observer) { client in
            let error = await rpcError { try await client.jobProgress(job) }
            #expect(error?.code == .permissionDenied)
            let health = try await client.health()
            #expect(["", "scan"].contains(health.currency))
            let stats = try await client.stats()
            #expect(stats.epoch != 0)
        }
    }
}
