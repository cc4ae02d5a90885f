import ProgressRPC
import SwiftProtobuf
import TestSupport
import Testing

@testable import ProgressServer

/// Rows that Amp writes in the states of era F and in era G.
@Suite("Amp's jobs since 2026-03-04", .requiresPostgres, .timeLimit(.minutes(2)))
struct CurrentEraTests {
    private static let descriptor = """
        {"dataset_namespace": "eth", "dataset_name": "main",
         "manifest_hash": "\(OlderEra.sampleHash)", "end_block": "99"}
        """

    /// In the first days of era F the events are without what was scheduled.
    @Test(arguments: [AmpUpgrade.jobsStatus, .statusDetail])
    func aJobOfTheFirstDaysOfEraFIsToldWhole(_ stage: AmpUpgrade) async throws {
        let database = try await AmpDatabase.make(upgradedThrough: stage)
        try await database.execute(
            """
            INSERT INTO jobs (node_id, descriptor) VALUES ('n', '\(Self.descriptor)');
            INSERT INTO jobs_status (job_id, node_id, status) VALUES (2, 'm', 'FATAL');
            INSERT INTO job_events (job_id, node_id, event_type, detail) VALUES
                (2, 'n', 'SCHEDULED', NULL), (2, 'm', 'FATAL', '{"error_code": "E"}');
            INSERT INTO physical_table_revisions (id, path, writer) VALUES (9, 'c', 2);
            UPDATE physical_tables SET active_revision_id = 9 WHERE table_name = 'logs';
            """
        )
        try await database.addChain(of: 5, to: 9)
        try await withService(.init(conninfo: database.conninfo)) { engine, client in
            let job = try await client.job(2).job
            #expect(job.status == "FATAL" && job.nodeID == "m" && job.tables == ["logs"])
            #expect(job.datasetNamespace == "eth" && job.descriptorJson.contains(#""99""#))
            #expect(try await client.jobs().jobs.first == job)
            let ofDataset = try await client.datasetJobs(.of("eth", "main", OlderEra.sampleHash))
            #expect(ofDataset.jobs.map(\.id) == [1, 2] && ofDataset.jobs.last == job)
            let progress = try await client.jobProgress(2)
            #expect(progress?.detailJson == #"{"error_code":"E"}"#)
            #expect(progress?.tables.first?.currentBlock == 49)
            let full = try await client.fullJobProgress(2)
            #expect(full.outlook.percent == 50 && full.outlook.datasetName == "main")
            // The rest of the way, under the running server.
            for step in AmpUpgrade.allCases where step > stage {
                try await database.execute(step.script)
                #expect(try await client.job(2).job == job)
                #expect(try await client.fullJobProgress(2).outlook.percent == 50)
                #expect(try await client.jobProgress(2)?.tables == progress?.tables)
            }
            #expect(engine.health.database == .connected)
        }
    }

    @Test func eraGHasJobsEventsAndDatasetsLikeF() async throws {
        let database = try await AmpDatabase.make()
        try await database.execute(AmpUpgrade.withoutStaleColumns.script)
        let job = try await database.addJob(status: "FATAL", detail: #"{"error_code": "E"}"#)
        _ = try await database.addTable("blocks", job: job)
        _ = try await database.addJob(status: "COMPLETED", dataset: nil)
        let hash = OlderEra.sampleHash
        try await database.execute(
            """
            INSERT INTO manifest_files (hash, path) VALUES ('\(hash)', 'p');
            INSERT INTO dataset_manifests (namespace, name, hash) VALUES ('eth', 'main', '\(hash)');
            UPDATE job_events SET detail = jsonb_set(detail, '{manifest_hash}', '"\(hash)"')
             WHERE event_type = 'SCHEDULED';
            """
        )
        try await withService(database) { client in
            let jobs = try await client.jobs().jobs
            #expect(jobs.map(\.status) == ["COMPLETED", "FATAL"])
            #expect(jobs.map(\.datasetName) == ["", "main"] && jobs[1].tables == ["blocks"])
            #expect(jobs.map(\.hasDescriptorJson) == [false, true])
            #expect(try await client.job(job).job == jobs[1])
            let ofDataset = try await client.datasetJobs(.of("eth", "main", hash)).jobs
            #expect(ofDataset == [jobs[1]])
            let events = try await client.jobEvents(.with { $0.jobID = job }).events
            #expect(events.map(\.eventType) == ["SCHEDULED", "FATAL"])
            let event = try await client.jobEvent(2, of: job).event
            #expect(event.detailJson == #"{"error_code":"E"}"#)
            #expect(try await client.jobProgress(job)?.detailJson == event.detailJson)
            #expect(try await client.health().schemaEra == "G")
        }
    }

    /// What a detail is, what who may see details is told of it, and what everybody else.
    static let details: [(stored: String, whole: String?, cut: String?)] = [
        ("NULL", nil, nil), ("'null'", "null", nil),
        ("'[1, {\"error_code\": \"x\"}]'", #"[1,{"error_code":"x"}]"#, nil),
        ("'\"{\\\"error_code\\\"\"'", #""{\"error_code\"""#, nil), ("'7'", "7", nil),
        ("'{}'", "{}", "{}"),
        (
            #"'{"error_code": 7, "error_message": "m"}'"#, #"{"error_code":7,"error_message":"m"}"#,
            #"{"error_message":"m"}"#
        ),
    ]

    @Test(arguments: details)
    func anEventsDetailMayBeAnything(
        _ detail: (stored: String, whole: String?, cut: String?)
    ) async throws {
        let database = try await AmpDatabase.make()
        let job = try await database.addJob(status: "ERROR", dataset: "eth/main")
        try await database.execute(
            """
            INSERT INTO job_events (job_id, node_id, event_type, detail)
                VALUES (\(job), 'n', 'ERROR', \(detail.stored)), (\(job), 'n', 'LATER', \(detail.stored))
            """
        )
        try await withService(database, role: .gateway) { client in
            for (mayAll, told) in [(true, detail.whole), (false, detail.cut)] {
                let options = CallOptions(scope: .datasets("eth/", details: mayAll))
                for id in [2, 3] as [Int64] {
                    let event = try await client.jobEvent(id, of: job, options: options).event
                    #expect(event.id == id && event.eventType == (id == 2 ? "ERROR" : "LATER"))
                    #expect((event.hasDetailJson ? event.detailJson : nil) == told)
                }
                let progress = try await client.jobProgress(job, options: options)
                #expect(progress?.jobStatus == "ERROR")
                #expect((progress?.hasDetailJson == true ? progress?.detailJson : nil) == told)
            }
        }
    }
}
