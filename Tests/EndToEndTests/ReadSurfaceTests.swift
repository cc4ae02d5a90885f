import Foundation
import TestSupport
import Testing

@Suite("Jobs, events and datasets, by both ways", .requiresPostgres, .timeLimit(.minutes(3)))
struct ReadSurfaceTests {
    private static let hash = String(repeating: "0b", count: 32)

    private static func fill(_ database: AmpDatabase) async throws {
        let job = try await database.addJob(
            status: "ERROR",
            dataset: "eth/main",
            detail:
                #"{"error_code": "E1", "error_message": "m \u00e9", "n": 1e3, "x": [1.0, null]}"#
        )
        _ = try await database.addTable("blocks", of: "eth/main", job: job)
        _ = try await database.addJob(status: "RUNNING", dataset: "base/main")
        _ = try await database.addJob(status: "COMPLETED", dataset: nil)
        try await database.execute(
            """
            INSERT INTO manifest_files (hash, path) VALUES ('\(self.hash)', 'p');
            INSERT INTO dataset_manifests (namespace, name, hash) VALUES ('eth', 'main', '\(self.hash)');
            INSERT INTO tags (namespace, name, version, hash)
                VALUES ('eth', 'main', '1.0.0', '\(self.hash)');
            UPDATE job_events SET detail = jsonb_set(detail, '{manifest_hash}', '"\(self.hash)"')
             WHERE job_id = 1 AND event_type = 'SCHEDULED';
            UPDATE jobs SET created_at = '2026-01-02 03:04:05+00' WHERE id = 1;
            UPDATE jobs SET created_at = '2026-01-02 03:04:05.12+00' WHERE id = 2;
            UPDATE jobs_status SET updated_at = '2026-01-02 03:04:05.000001+00';
            """
        )
    }

    @Test("The tool prints the same bytes by socket and by gateway, and the gateway sends them")
    func bothWaysAgree() async throws {
        try await Stack.with { stack in
            try await Self.fill(stack.database)
            let commands: [(words: [String], path: String)] = [
                (["job", "list", "--status", "all"], "/jobs?status=all"),
                (
                    ["job", "list", "--status", "running,error", "--limit", "1"],
                    "/jobs?status=running,error&limit=1"
                ),
                (["job", "inspect", "1"], "/jobs/1"), (["job", "inspect", "3"], "/jobs/3"),
                (["job", "events", "1"], "/jobs/1/events"),
                (["job", "events", "1", "--event-id", "2"], "/jobs/1/events/2"),
                (
                    ["dataset", "jobs", "eth/main@1.0.0"],
                    "/datasets/eth/main/versions/1.0.0/jobs"
                ),
            ]
            for (words, path) in commands {
                let answer = try await stack.get(path)
                #expect(answer.status == 200, "\(path)")
                let bySocket = try await Program.run(
                    "progressctl",
                    words + ["--json", "--socket", stack.socket]
                )
                let byGateway = try await Program.run(
                    "progressctl",
                    words + ["--json", "--admin-url", stack.url],
                    environment: ["AMP_AUTH_TOKEN": stack.token]
                )
                #expect(bySocket.output == answer.body + "\n", "\(path) \(bySocket.errors)")
                #expect(byGateway.output == answer.body + "\n", "\(path) \(byGateway.errors)")
            }
            let first = try await stack.get("/jobs?status=all&limit=2")
            #expect(first.body.hasSuffix(#""next_cursor":2}"#))
            #expect(first.headers["link"]?.contains("last_job_id=2") == true)
            let last = try await stack.get("/jobs?status=all&limit=2&last_job_id=2")
            #expect(last.headers["link"] == nil && !last.body.contains("next_cursor"))
            let job = try await stack.get("/jobs/1")
            #expect(
                job.body.hasPrefix(
                    #"{"id":1,"created_at":"2026-01-02T03:04:05+00:00","updated_at":"2026-01-02T03:04:05.000001+00:00","#
                )
            )
        }
    }

    @Test("What more there is to tell comes when asked for, and is current")
    func include() async throws {
        try await Stack.with { stack in
            let job = try await stack.database.addJob(dataset: "eth/main")
            let revision = try await stack.database.addTable("blocks", of: "eth/main", job: job)
            try await stack.database.execute(
                "UPDATE job_events SET detail = jsonb_set(detail, '{end_block}', '\"199\"')"
            )
            for count in 1...3 {
                try await stack.database.addChain(of: 1, to: revision)
                let full = try await stack.get("/jobs/1/progress?include=estimates,ranges")
                #expect(full.status == 200)
                let percent = count * 5
                #expect(full.body.contains(#""end_block":199,"percent":\#(percent).0,"#))
                #expect(full.body.contains(#""missing_ranges":[[\#(count * 10),199]]"#))
                #expect(full.body.contains(#","dataset":"eth/main","observed_at":""#))
            }
            for part in ["estimates", "ranges"] {
                let words = ["job", "progress", "1", "--include", part]
                let json = try await Program.run(
                    "progressctl",
                    words + ["--json", "--socket", stack.socket]
                )
                #expect(json.output.contains(part == "ranges" ? "missing_ranges" : "\"percent\""))
                let bySocket = try await Program.run(
                    "progressctl",
                    words + ["--socket", stack.socket]
                )
                let byGateway = try await Program.run(
                    "progressctl",
                    words + ["--admin-url", stack.url],
                    environment: ["AMP_AUTH_TOKEN": stack.token]
                )
                #expect(bySocket.outputWithoutMoment == byGateway.outputWithoutMoment)
                #expect(bySocket.status == 0 && byGateway.status == 0)
            }
            let wrong = try await stack.get("/jobs/1/progress?include=all")
            #expect(wrong.status == 400)
        }
    }

    @Test("doctor names rows that cannot be decoded by socket, and their tables by gateway")
    func doctor() async throws {
        try await Stack.with { stack in
            let good = try await stack.database.addJob(dataset: "eth/main")
            let healthy = try await stack.tool("doctor", "--socket", stack.socket)
            #expect(healthy.status == 0, "\(healthy.output)")
            #expect(healthy.output.contains("ok    files: jobs looked at: 1; no file that cannot"))
            #expect(healthy.output.contains("ok    database: connected, era "))
            #expect(healthy.output.contains("ok    tracking: scan, "))
            let job = try await stack.database.addJob(dataset: "eth/main")
            #expect(job > good)
            let revision = try await stack.database.addTable("blocks", of: "eth/main", job: job)
            let file = try await stack.database.addFile("[]", to: revision)
            let bySocket = try await stack.tool("doctor", "--socket", stack.socket)
            #expect(bySocket.status == 1)
            #expect(
                bySocket.output.contains(
                    "fail  file: job \(job), table 'blocks', file \(file): the document is an array; "
                        + "it must be an object\n"
                )
            )
            let byGateway = try await stack.tool("doctor", "--json")
            #expect(byGateway.status == 1)
            #expect(byGateway.output.contains(#""found":"job \#(job): "#), "\(byGateway.output)")
            #expect(!byGateway.output.contains("the document is"))
            // Where a number would be made up there is an error, by both ways.
            for target in [["--socket", stack.socket], ["--admin-url", stack.url]] {
                let full = try await Program.run(
                    "progressctl",
                    ["job", "progress", "\(job)", "--include", "ranges"] + target,
                    environment: ["AMP_AUTH_TOKEN": stack.token]
                )
                #expect(full.status == 1 && full.output.isEmpty)
                #expect(full.errors.contains("'blocks'"))
            }
        }
    }

    @Test("A token for one dataset sees its jobs, and nothing that tells of others")
    func scopes() async throws {
        try await Stack.with { stack in
            try await Self.fill(stack.database)
            let token = try await Stack.makeToken(
                in: stack.tokens,
                name: "eth",
                scopes: ["datasets:eth/*:read"]
            )
            kill(stack.gateway.processID, SIGHUP)
            _ = try await stack.gateway.line(containing: "read the tokens again")
            let list = try await stack.get("/jobs?status=all", token: token)
            #expect(list.body.hasPrefix(#"{"jobs":[{"id":1,"#) && !list.body.contains(#""id":2"#))
            for path in ["/jobs/2", "/jobs/2/events", "/jobs/3", "/jobs/2/events/1"] {
                let answer = try await stack.get(path, token: token)
                #expect(answer.status == 404 && answer.body.contains("JOB_NOT_FOUND"), "\(path)")
            }
            let event = try await stack.get("/jobs/1/events/2", token: token)
            #expect(event.body.contains(#""detail":{"error_code":"E1","error_message":"m é"}"#))
            let foreign = try await stack.get(
                "/datasets/base/main/versions/latest/jobs",
                token: token
            )
            #expect(foreign.status == 404)
            let own = try await stack.get("/datasets/eth/main/versions/1.0.0/jobs", token: token)
            #expect(own.status == 200 && own.body.contains(#""id":1"#))
        }
    }
}
