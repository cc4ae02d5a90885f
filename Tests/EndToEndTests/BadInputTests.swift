import Foundation
import TestSupport
import Testing

/// What is asked of the gateway, and how it is refused, whatever the database holds.
struct BadRequest: Sendable, CustomTestStringConvertible {
    var path: String
    var status: Int
    var code: String
    var method = "GET"

    var testDescription: String { "\(self.method) \(self.path.prefix(80))" }

    private static let long = String(repeating: "a", count: 300)
    private static let revisions = "/datasets/eth/main/versions"

    static let all: [BadRequest] =
        ["/jobs", "/jobs/1/events"].flatMap { path in
            [
                BadRequest(path: "\(path)?limit=0", status: 400, code: "LIMIT_INVALID"),
                BadRequest(path: "\(path)?limit=10001", status: 400, code: "LIMIT_TOO_LARGE"),
                BadRequest(
                    path: "\(path)?limit=abc",
                    status: 400,
                    code: "INVALID_QUERY_PARAMETERS"
                ),
                BadRequest(
                    path: "\(path)?limit=1&limit=2",
                    status: 400,
                    code: "INVALID_QUERY_PARAMETERS"
                ),
            ]
        }
        + ["last_event_id=1&last_event_id=1", "last_event_id=-1", "last_event_id=0"].map {
            BadRequest(path: "/jobs/1/events?\($0)", status: 400, code: "INVALID_QUERY_PARAMETERS")
        }
        + [
            BadRequest(path: "/jobs?limit=1001", status: 400, code: "LIMIT_TOO_LARGE"),
            BadRequest(path: "/jobs?status=bogus", status: 400, code: "INVALID_QUERY_PARAMETERS"),
            BadRequest(path: "/jobs?status=", status: 400, code: "INVALID_QUERY_PARAMETERS"),
            BadRequest(
                path: "/jobs?status=all&status=all",
                status: 400,
                code: "INVALID_QUERY_PARAMETERS"
            ),
            BadRequest(path: "/jobs", status: 405, code: "METHOD_NOT_ALLOWED", method: "DELETE"),
            BadRequest(path: "/jobs/2/events/1", status: 404, code: "EVENT_NOT_FOUND"),
            BadRequest(path: "/jobs/9/events/1", status: 404, code: "JOB_NOT_FOUND"),
        ]
        + ["v1.0.0", "1.0", "1.0.0%00", "LATEST", "x"].map {
            BadRequest(path: "\(Self.revisions)/\($0)/jobs", status: 400, code: "INVALID_PATH")
        }
        + ["9.9.9", "dev", String(repeating: "0c", count: 32), String(repeating: "0d", count: 32)]
        .map {
            // The last but one is a manifest of another dataset, the last is none.
            BadRequest(path: "\(Self.revisions)/\($0)/jobs", status: 404, code: "DATASET_NOT_FOUND")
        }
        + [
            "a%2Fb/main", "a%00/main", "%C3%BC/main", "Eth/main", "\(long)/main", "eth/\(long)",
            "eth/0a",
        ].map {
            BadRequest(
                path: "/datasets/\($0)/versions/latest/jobs",
                status: 400,
                code: "INVALID_PATH"
            )
        }
        + ["a/b/c", "a", "a//b"].map {
            BadRequest(path: "/datasets/\($0)/versions/latest/jobs", status: 404, code: "NOT_FOUND")
        }
}

@Suite("Bad input, against a real database", .requiresPostgres, .timeLimit(.minutes(3)))
struct BadInputTests {
    private static let hashes = ["0b", "0c"].map { String(repeating: $0, count: 32) }

    private static func fill(_ database: AmpDatabase) async throws {
        for dataset in ["eth/main", "base/main"] { _ = try await database.addJob(dataset: dataset) }
        try await database.execute(
            """
            INSERT INTO manifest_files (hash, path)
                VALUES ('\(self.hashes[0])', 'p'), ('\(self.hashes[1])', 'q');
            INSERT INTO dataset_manifests (namespace, name, hash)
                VALUES ('eth', 'main', '\(self.hashes[0])'), ('base', 'main', '\(self.hashes[1])');
            """
        )
    }

    @Test func itIsRefusedByWhatIsWrongWithIt() async throws {
        try await Stack.with { stack in
            try await Self.fill(stack.database)
            for request in BadRequest.all {
                let answer = try await stack.get(
                    request.path,
                    method: request.method
                )
                #expect(answer.status == request.status, "\(request) \(answer.body)")
                let start = #"{"error_code":"\#(request.code)","error_message":""#
                #expect(answer.body.hasPrefix(start), "\(request) \(answer.body)")
            }
        }
    }

    /// A descriptor or a detail that is no object is told as it is, and breaks nothing.
    @Test func whatIsNoObjectInTheDatabaseBreaksNothing() async throws {
        try await Stack.with { stack in
            try await Self.fill(stack.database)
            for json in ["7", "null", "true", #""text""#, "[1,{}]", "[]", "{}"] {
                try await stack.database.execute(
                    """
                    UPDATE job_events SET detail = '\(json)'::jsonb WHERE job_id = 1;
                    INSERT INTO job_events (job_id, node_id, event_type, detail)
                        VALUES (1, 'n', 'ERROR', '\(json)'::jsonb);
                    UPDATE jobs_status SET status = 'ERROR' WHERE job_id = 1;
                    """
                )
                for path in [
                    "/jobs/1", "/jobs/1/progress", "/jobs/1/events", "/jobs/1/events/1",
                    "/jobs/1/progress?include=estimates,ranges", "/jobs?status=all",
                    "/jobs/progress?ids=1,2",
                    "/datasets/eth/main/versions/\(Self.hashes[0])/jobs",
                ] {
                    let answer = try await stack.get(path)
                    #expect(answer.status == 200, "\(json) \(path) \(answer.body)")
                    let body = try? JSONSerialization.jsonObject(with: Data(answer.body.utf8))
                    #expect(body != nil, "\(json) \(path) \(answer.body)")
                }
                let job = try await stack.get("/jobs/1")
                #expect(job.body.contains(#","descriptor":\#(json)"#), "\(job.body)")
                let event = try await stack.get("/jobs/1/events/1")
                #expect(event.body.contains(#","detail":\#(json)}"#), "\(event.body)")
            }
        }
    }
}
