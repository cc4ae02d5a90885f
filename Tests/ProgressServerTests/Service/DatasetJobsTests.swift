import ProgressRPC
import SwiftProtobuf
import TestSupport
import Testing

@testable import ProgressServer

@Suite("The jobs of a dataset", .requiresPostgres, .timeLimit(.minutes(2)))
struct DatasetJobsTests {
    private static let hash = String(repeating: "ab", count: 32)
    private static let other = String(repeating: "cd", count: 32)

    /// Jobs 1 (rescheduled), 2 (legacy) and 4 are of eth/main, job 3 of base/main.
    private static func makeDatabase() async throws -> AmpDatabase {
        let database = try await AmpDatabase.make()
        for _ in 1...4 { _ = try await database.addJob(dataset: nil) }
        let (flat, foreign) = (Self.descriptor("eth"), Self.descriptor("base"))
        try await database.execute(
            """
            INSERT INTO manifest_files (hash, path)
                VALUES ('\(self.hash)', 'p'), ('\(self.other)', 'q');
            INSERT INTO dataset_manifests (namespace, name, hash)
                VALUES ('eth', 'main', '\(self.hash)'), ('base', 'main', '\(self.other)');
            INSERT INTO tags (namespace, name, version, hash)
                VALUES ('eth', 'main', 'latest', '\(self.hash)'),
                       ('eth', 'main', '1.2.3-rc.1+b', '\(self.hash)');
            INSERT INTO job_events (job_id, node_id, event_type, detail) VALUES
                (1, 'n', 'SCHEDULED', '\(flat)'), (1, 'n', 'SCHEDULED', '\(flat)'),
                (2, 'n', 'SCHEDULED', '{"Dump": \(flat)}'), (3, 'n', 'SCHEDULED', '\(foreign)'),
                (4, 'n', 'SCHEDULED', '\(flat)'), (4, 'n', 'RUNNING', '[1]'),
                (4, 'n', 'SCHEDULED', '"text"');
            """
        )
        return database
    }

    private static func descriptor(_ namespace: String) -> String {
        """
        {"dataset_namespace": "\(namespace)", "dataset_name": "main", "manifest_hash": "\(self.hash)"}
        """
    }

    @Test func eachRevisionNamesThemAndEachJobComesOnce() async throws {
        let database = try await Self.makeDatabase()
        try await withService(database) { client in
            for revision in ["latest", "1.2.3-rc.1+b", Self.hash, Self.hash.uppercased()] {
                let answer = try await client.datasetJobs(.of("eth", "main", revision))
                #expect(answer.manifestHash == Self.hash)
                #expect(answer.jobs.map(\.id) == [1, 2, 4] && answer.nextCursor == 0)
            }
            let page = try await client.datasetJobs(.of("eth", "main", "latest", limit: 2))
            #expect(page.jobs.map(\.id) == [1, 2] && page.nextCursor == 2)
            let next = try await client.datasetJobs(
                .of("eth", "main", "latest", limit: 2, lastJobID: 2)
            )
            #expect(next.jobs.map(\.id) == [4] && next.nextCursor == 0)
            // Of that dataset no job was ever scheduled, though it is there.
            let none = try await client.datasetJobs(.of("base", "main", Self.other))
            #expect(none.jobs.isEmpty)
        }
    }

    @Test(arguments: ["dev", "9.9.9", other])
    func aRevisionThatTheDatasetHasNotIsNotFound(_ revision: String) async throws {
        let database = try await Self.makeDatabase()
        try await withService(database) { client in
            let error = await rpcError {
                try await client.datasetJobs(.of("eth", "main", revision))
            }
            #expect(error?.reason == "DATASET_NOT_FOUND")
        }
    }

    @Test func whatIsNoRevisionIsRefused() async throws {
        let database = try await Self.makeDatabase()
        try await withService(database) { client in
            let error = await rpcError {
                try await client.datasetJobs(.of("eth", "main", "v1.0.0"))
            }
            #expect(error?.code == .invalidArgument && error?.reason == "INVALID_REVISION")
        }
    }

    @Test(
        "A name that no dataset can have is refused before the database is asked",
        arguments: [
            "", "Eth", "a/b", "a%2Fb", "a\0b", "\u{E9}", String(repeating: "a", count: 300),
        ]
    )
    func badNames(text: String) async throws {
        let database = try await Self.makeDatabase()
        try await withService(database) { client in
            for request in [
                PBListDatasetJobsRequest.of(text, "main", "latest"), .of("eth", text, "latest"),
            ] {
                let error = await rpcError { try await client.datasetJobs(request) }
                #expect(error?.code == .invalidArgument)
                #expect(error?.reason == "INVALID_DATASET_NAME")
                #expect(error?.message.contains("it must be 1 to 255 of a-z, 0-9 and _") ?? false)
            }
            let digit = await rpcError { try await client.datasetJobs(.of("0a", "0a", "latest")) }
            #expect(digit?.message.hasPrefix("name is \"0a\"") ?? false)
        }
    }

    @Test func outOfScopeAndAbsentAreAlike() async throws {
        let database = try await Self.makeDatabase()
        try await withService(database, role: .gateway) { client in
            let options = CallOptions(scope: .datasets("base/"))
            let hidden = await rpcError {
                try await client.datasetJobs(.of("eth", "main", "latest"), options: options)
            }
            let absent = await rpcError {
                try await client.datasetJobs(.of("eth", "main", "dev"), options: options)
            }
            #expect(hidden?.message == "dataset 'eth/main@latest' not found")
            #expect(absent?.message == "dataset 'eth/main@dev' not found")
            #expect(hidden?.code == absent?.code && hidden?.reason == absent?.reason)
            #expect(hidden?.details == absent?.details && absent?.details.isEmpty ?? false)
        }
    }

    @Test func aRoleThatMayNotReadTagsIsToldWhatItNeeds() async throws {
        let database = try await Self.makeDatabase()
        let role = try await database.makeRole(
            "GRANT SELECT ON jobs, jobs_status, job_events, physical_tables, "
                + "physical_table_revisions, file_metadata TO"
        )
        let reader = AmpDatabase(conninfo: "\(database.conninfo) user=\(role)")
        try await withService(reader) { client in
            let error = await rpcError {
                try await client.datasetJobs(.of("eth", "main", "latest"))
            }
            #expect(error?.reason == "RESOLVE_REVISION_ERROR")
            let jobs = try await client.jobs().jobs
            #expect(jobs.count == 4)
        }
    }
}

extension PBListDatasetJobsRequest {
    static func of(
        _ namespace: String,
        _ name: String,
        _ revision: String,
        limit: UInt32 = 0,
        lastJobID: Int64 = 0
    ) -> Self {
        .with {
            $0.namespace = namespace
            $0.name = name
            $0.revision = revision
            $0.limit = limit
            $0.lastJobID = lastJobID
        }
    }
}
