import ProgressChain
import ProgressRPC
import TestSupport
import Testing

@testable import ProgressServer

/// One file row that is not as it should be, and what becomes of the job's progress.
struct BadFile: Sendable, CustomTestStringConvertible {
    var testDescription: String
    var metadata: String
    var size: Int64? = 100
    /// The reason of the error; `nil`: there is an answer.
    var reason: String?
    var currentBlock: Int64?
    var totalSize: Int64 = 100

    static let digits = String(repeating: "ab", count: 32)

    static func metadata(
        start: String = "0",
        end: String = "9",
        hash: String = #""0x\#(digits)""#,
        previous: String = #""0x\#(digits)""#
    ) -> String {
        document(ranges: "[\(range(start, end, hash, previous))]")
    }

    static func range(
        _ start: String,
        _ end: String,
        _ hash: String = #""0x\#(digits)""#,
        _ previous: String = #""0x\#(digits)""#,
        network: String = "mainnet"
    ) -> String {
        """
        {"numbers": {"start": \(start), "end": \(end)}, "network": "\(network)", \
        "hash": \(hash), "prev_hash": \(previous)}
        """
    }

    static func document(ranges: String) -> String {
        """
        {"table": "t", "filename": "f", "created_at": {"secs": 1, "nanos": 0}, "ranges": \(ranges)}
        """
    }

    static let all: [BadFile] = [
        BadFile(testDescription: "not an object", metadata: "[]", reason: "SNAPSHOT_TABLE_ERROR"),
        BadFile(
            testDescription: "no ranges",
            metadata: #"{"table": "t"}"#,
            reason: "SNAPSHOT_TABLE_ERROR"
        ),
        BadFile(
            testDescription: "no hash",
            metadata: metadata(hash: "null"),
            reason: "SNAPSHOT_TABLE_ERROR"
        ),
        BadFile(
            testDescription: "negative block",
            metadata: metadata(start: "-1"),
            reason: "SNAPSHOT_TABLE_ERROR"
        ),
        BadFile(
            testDescription: "prev_hash null",
            metadata: metadata(previous: "null"),
            currentBlock: 9
        ),
        BadFile(
            testDescription: "end below start",
            metadata: metadata(start: "9", end: "3"),
            currentBlock: 3
        ),
        BadFile(
            testDescription: "block 2^63",
            metadata: metadata(end: "9223372036854775808"),
            reason: "BLOCK_NUMBER_OVERFLOW"
        ),
        BadFile(
            testDescription: "block 2^64-1",
            metadata: metadata(end: "18446744073709551615"),
            reason: "BLOCK_NUMBER_OVERFLOW"
        ),
        BadFile(
            testDescription: "block 2^63-1",
            metadata: metadata(end: "9223372036854775807"),
            currentBlock: .max
        ),
        BadFile(
            testDescription: "block 2^64",
            metadata: metadata(end: "18446744073709551616"),
            reason: "SNAPSHOT_TABLE_ERROR"
        ),
        BadFile(
            testDescription: "two ranges",
            metadata: document(
                ranges: "[\(range("0", "9")), \(range("0", "9", network: "base"))]"
            ),
            reason: "MULTI_NETWORK_SEGMENTS_ERROR"
        ),
        BadFile(
            testDescription: "empty ranges",
            metadata: document(ranges: "[]"),
            reason: "MULTI_NETWORK_SEGMENTS_ERROR"
        ),
        BadFile(
            testDescription: "size NULL",
            metadata: metadata(),
            size: nil,
            currentBlock: 9,
            totalSize: 0
        ),
        BadFile(
            testDescription: "negative size",
            metadata: metadata(),
            size: -1,
            reason: "SNAPSHOT_TABLE_ERROR"
        ),
    ]
}

@Suite("File rows that are not as they should be", .requiresPostgres, .timeLimit(.minutes(2)))
struct BadFileTests {
    @Test(arguments: BadFile.all)
    func oneBadRowFailsItsOwnJobAtMost(_ file: BadFile) async throws {
        let database = try await AmpDatabase.make()
        let job = try await database.addJob()
        let revision = try await database.addTable("blocks", job: job)
        let row = try await database.addFile(file.metadata, size: file.size, to: revision)
        let other = try await database.addJob()
        let observations = Observations()
        try await withService(database, observations: observations) { client in
            if let reason = file.reason {
                let error = try #require(await rpcError { try await client.jobProgress(job) })
                #expect(error.code == .internalError)
                #expect(error.reason == reason)
                #expect(error.message.contains("'blocks'"))
                #expect(!error.message.contains("file \(row)"))
                #expect(!observations.all.isEmpty)
            } else {
                let progress = try #require(try await client.jobProgress(job))
                let table = try #require(progress.tables.first)
                #expect(table.currentBlock == file.currentBlock)
                #expect(table.filesCount == 1)
                #expect(table.totalSizeBytes == file.totalSize)
            }
            let untouched = try #require(try await client.jobProgress(other))
            #expect(untouched.jobID == other)
        }
    }

    @Test func sizesThatSumPastInt64AreAnErrorAndNoCrash() async throws {
        let database = try await AmpDatabase.make()
        let job = try await database.addJob()
        let revision = try await database.addTable("blocks", job: job)
        try await database.addChain(of: 2, to: revision)
        try await database.execute("UPDATE file_metadata SET object_size = 9223372036854775807")
        try await withService(database) { client in
            let error = await rpcError { try await client.jobProgress(job) }
            #expect(error?.reason == "SNAPSHOT_TABLE_ERROR")
        }
    }

    @Test func aRowOfTenMegabytesFailsItsTableAndNothingElse() async throws {
        let database = try await AmpDatabase.make()
        let job = try await database.addJob()
        let revision = try await database.addTable("blocks", job: job)
        try await database.execute(
            """
            INSERT INTO file_metadata (location_id, file_name, url, object_size, metadata)
            VALUES (\(revision), 'f', 'file:///', 1,
                    '\(BadFile.metadata())'::jsonb
                        || jsonb_build_object('padding', repeat('x', 10000000)))
            """
        )
        let observations = Observations()
        try await withService(database, observations: observations) { client in
            let error = await rpcError { try await client.jobProgress(job) }
            #expect(error?.reason == "SNAPSHOT_TABLE_ERROR")
            guard case .fileUndecodable(_, let file)? = observations.all.last else {
                Issue.record("observed \(observations.all)")
                return
            }
            #expect("\(file.reason)".contains("it must be at most 1048576 bytes long"))
            try await database.execute("UPDATE file_metadata SET metadata = metadata - 'padding'")
            #expect(try await client.jobProgress(job)?.tables.first?.filesCount == 1)
        }
    }

    @Test func theLogNamesTheRowAndTheValue() async throws {
        let database = try await AmpDatabase.make()
        let job = try await database.addJob()
        let revision = try await database.addTable("blocks", job: job)
        let row = try await database.addFile(BadFile.metadata(start: #""x""#), to: revision)
        let observations = Observations()
        try await withService(database, observations: observations) { client in
            _ = await rpcError { try await client.jobProgress(job) }
        }
        guard case .fileUndecodable(let table, let file)? = observations.all.last else {
            Issue.record("observed \(observations.all)")
            return
        }
        #expect(table.revision.rawValue == revision)
        #expect(file.id.rawValue == row)
        #expect("\(file.reason)".contains("ranges[0].numbers.start"))
    }
}
