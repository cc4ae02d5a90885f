import ProgressChain
import ProgressPostgres
import TestSupport
import Testing

@testable import ProgressTool

@Suite("The demo's sample")
struct SampleJobTests {
    @Test("The recorded files are grouped by dataset, table and revision")
    func recorded() throws {
        let jobs = try SampleJob.recorded()
        #expect(
            jobs.map(\.dataset.name) == [
                "base_rpc", "base_rpc_failed_tx_filtering", "eth_firehose_evm_decode_empty",
                "eth_rpc",
            ]
        )
        #expect(
            jobs.map { $0.tables.map(\.name).joined(separator: " ") } == [
                "blocks logs transactions", "blocks logs transactions",
                "blocks calls logs transactions", "blocks logs transactions",
            ]
        )
        #expect(jobs[1].tables.map(\.revisions.count) == [3, 3, 3])
        #expect(jobs.flatMap(\.tables).flatMap(\.revisions).flatMap(\.files).count == 22)
    }

    @Test("Their metadata is kept byte for byte")
    func metadata() throws {
        let line = #"""
            {"dataset":"d","table":"t","revision":"r","file_name":"f","object_size":1,"row_count":1,"metadata":{"a": [1.50], "b":{}}}
            """#
        let jobs = try SampleJob.jobs(recordedIn: Array(line.utf8))
        #expect(jobs[0].tables[0].revisions[0].files[0].metadata == #"{"a": [1.50], "b":{}}"#)
        #expect(throws: (any Error).self) { try SampleJob.jobs(recordedIn: Array("{}".utf8)) }
    }

    @Test("There is a long chain, a failure with a detail, and a job without tables")
    func synthetic() throws {
        let jobs = try SampleJob.all()
        #expect(jobs[0].dataset.name == "live")
        #expect(jobs[1].tables[0].revisions[0].files.count == 5_000)
        #expect(jobs.contains { $0.statuses.last == "ERROR" && $0.detail != nil })
        #expect(jobs.contains { $0.tables.isEmpty })
    }

    @Test("It fills an empty database once", .requiresPostgres)
    func fills() async throws {
        let conninfo = try await TemporaryPostgres.makeEmptyDatabase()
        try await DedicatedThread.run(named: "test-sample") {
            let session = try PostgresSession(conninfo: conninfo)
            let sample = try SampleJob.all()
            let first = try DemoDatabase.prepare(session, sample: sample)
            #expect(first.jobs.map(\.id) == Array(1...8))
            #expect(first.fileCount == 40 * 3 + 5_000 + 22 + 12)
            let second = try DemoDatabase.prepare(session, sample: sample)
            #expect(second.jobs == first.jobs)
            #expect(second.fileCount == first.fileCount)

            let statuses = try session.strings("SELECT status FROM jobs_status ORDER BY job_id")
            #expect(statuses.first == "SCHEDULED")
            #expect(statuses[6] == "ERROR")
            // The newest revision is the active one.
            let active = try session.strings(
                """
                SELECT r.path FROM physical_tables t
                JOIN physical_table_revisions r ON r.id = t.active_revision_id
                WHERE t.dataset_name = 'base_rpc_failed_tx_filtering' AND t.table_name = 'blocks'
                """
            )
            #expect(
                active == [
                    "_/base_rpc_failed_tx_filtering/blocks/0199ba36-8b8f-7522-b87a-0d4c28d30222"
                ]
            )
            let chain = try session.int64(
                "SELECT id FROM physical_table_revisions WHERE path LIKE 'demo/long_chain/%'"
            )
            let summary = try summary(ofRevision: chain, in: session)
            #expect(summary.fileCount == 5_000)
            #expect(summary.syncedRange?.currentBlock == 4_999_999)
        }
    }
}
