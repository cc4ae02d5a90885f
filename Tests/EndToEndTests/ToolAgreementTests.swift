import Foundation
import TestSupport
import Testing

@Suite("progressctl by socket and by gateway", .requiresPostgres, .timeLimit(.minutes(3)))
struct ToolAgreementTests {
    private static let hash = String(repeating: "0b", count: 32)

    /// Jobs 1 to 7: failed, running to an end, nothing known, of two networks, with a file that cannot
    /// be decoded, of an old release, with a fork; and dataset `eth/main@1.0.0`.
    private static func fill(_ database: AmpDatabase) async throws {
        let failed = try await database.addJob(
            status: "ERROR",
            detail: #"{"error_code": "E1", "error_message": "m \u00e9\n", "x": [1.0, null]}"#
        )
        let blocks = try await database.addTable("blocks", job: failed)
        try await database.addChain(of: 3, to: blocks)
        _ = try await database.addTable("logs", job: failed)
        let running = try await database.addJob(dataset: "base/main")
        let bounded = try await database.addTable("traces", of: "base/main", job: running)
        try await database.addChain(of: 5, to: bounded)
        try await database.execute(AmpDatabase.chainScript(7..<9, of: bounded))
        _ = try await database.addJob(status: "COMPLETED", dataset: nil)
        let joined = try await database.addJob(status: "STOPPED", dataset: "sol/two")
        let networks = try await database.addTable("joined", of: "sol/two", job: joined)
        _ = try await database.addFile(
            Self.file([(0, 9, "base", "1", "2"), (5, 6, "mainnet", "1", "2")]),
            to: networks
        )
        let broken = try await database.addJob(dataset: "sol/bad")
        let undecodable = try await database.addTable("bad", of: "sol/bad", job: broken)
        _ = try await database.addFile("[]", to: undecodable)
        _ = try await database.addJob(status: "FAILED", dataset: "eth/old")
        let forked = try await database.addJob(status: "STOPPING", dataset: "eth/fork")
        let fork = try await database.addTable("blocks", of: "eth/fork", job: forked)
        for range in [(0, 9, "1", "0"), (10, 19, "2", "1"), (10, 29, "3", "1")] {
            _ = try await database.addFile(
                Self.file([(range.0, range.1, "base", range.2, range.3)], at: 30 - range.1),
                to: fork
            )
        }
        try await database.execute(
            """
            INSERT INTO manifest_files (hash, path) VALUES ('\(self.hash)', 'p');
            INSERT INTO dataset_manifests (namespace, name, hash) VALUES ('eth', 'main', '\(self.hash)');
            INSERT INTO tags (namespace, name, version, hash)
                VALUES ('eth', 'main', '1.0.0', '\(self.hash)');
            UPDATE job_events SET detail = jsonb_set(detail, '{manifest_hash}', '"\(self.hash)"')
             WHERE job_id IN (1, 2) AND event_type = 'SCHEDULED';
            UPDATE job_events SET detail = jsonb_set(detail, '{end_block}', '"99"') WHERE job_id = 2;
            UPDATE job_events SET detail = jsonb_build_object('Dump', detail) WHERE job_id = 6;
            INSERT INTO job_events (job_id, node_id, event_type, detail)
                SELECT 1, 'n' || i, 'RUNNING', CASE i WHEN 1 THEN NULL ELSE '[1, "x"]'::jsonb END
                  FROM generate_series(1, 2) AS i;
            UPDATE jobs_status SET updated_at = '2026-01-02 03:04:05.000001+00';
            """
        )
    }

    private static func file(
        _ ranges: [(start: Int, end: Int, network: String, hash: String, previous: String)],
        at seconds: Int = 1
    ) -> String {
        let ranges = ranges.map { range in
            """
            {"numbers": {"start": \(range.start), "end": \(range.end)}, "network": "\(range.network)",
             "hash": "\(String(repeating: range.hash, count: 64))",
             "prev_hash": "\(String(repeating: range.previous, count: 64))"}
            """
        }
        return """
            {"table": "t", "filename": "f", "created_at": {"secs": \(seconds), "nanos": 0},
             "ranges": [\(ranges.joined(separator: ","))]}
            """
    }

    /// What has four forms that differ.
    private static let lists: [(words: String, status: Int32)] = [
        ("job list --status all", 0), ("job events 1", 0), ("dataset jobs eth/main@1.0.0", 0),
        ("job progress 1 2 3", 0),
    ]

    /// What has two.
    private static let single: [(words: String, status: Int32)] = [
        ("job inspect 1", 0), ("job get 6", 0), ("job events 1 --event-id 9", 0),
        ("job progress 1", 0), ("job progress 2 --include ranges,estimates", 0),
        ("job progress 4 --include ranges", 0), ("job progress 7 --include ranges", 0),
    ]

    /// What is asked by other words for the same; as JSON.
    private static let others: [(words: String, status: Int32)] = [
        ("jobs ls", 0), ("job ls --status all --limit 2 --after 6", 0), ("job inspect 3", 0),
        ("job events 1 --limit 1 --after 1", 0), ("job events 1 --event-id 8", 0),
        ("job progress 3", 0), ("job progress 4", 1), ("job progress 5", 1),
        ("job progress 6 --max-staleness 1m", 0), ("job progress 3 --include estimates", 0),
        ("job progress 5 --include ranges", 1), ("job progress 2 9 1", 3), ("job progress 9 8", 3),
        ("datasets jobs eth/main@\(hash) --limit 1", 0),
        ("dataset jobs eth/main@1.0.0 --after 2", 0),
    ]

    /// Of jobs without numbers a gateway does not tell the tables, and it says why in its own words.
    private static let inOtherWords: [(words: String, status: Int32)] = [
        ("job inspect 4", 0), ("job inspect 5", 0), ("job progress 4 5 1", 1),
    ]

    /// What is refused, whatever the form.
    private static let refusals: [(words: String, status: Int32)] = [
        ("job inspect 9", 3), ("job progress 9", 3), ("job progress 9 --include ranges", 3),
        ("job events 1 --event-id 99", 3), ("job events 9 --event-id 1", 3),
        ("job events 2 --event-id 1", 3), ("dataset jobs eth/main@9.9.9", 3),
        ("dataset jobs eth/none@latest", 3), ("dataset jobs eth/main", 2),
        ("dataset jobs Eth/main@dev", 2), ("job list --status bogus", 2),
    ]

    @Test("Every read prints the same, byte for byte, in every form")
    func reads() async throws {
        try await Stack.with { stack in
            try await Self.fill(stack.database)
            for form in ["table", "wide", "json", "ndjson"] {
                for (words, status) in Self.lists {
                    try await Self.compare(stack, "\(words) -o \(form)", status)
                }
            }
            for form in ["table", "json"] {
                for (words, status) in Self.single {
                    try await Self.compare(stack, "\(words) -o \(form)", status)
                }
                for (words, status) in Self.inOtherWords {
                    try await Self.compare(stack, "\(words) -o \(form)", status) {
                        $0.replacing(/Tables: .*\n|"error_message":"[^"]*"/, with: "")
                    }
                }
            }
            for (words, status) in Self.others {
                try await Self.compare(stack, "\(words) --json", status)
            }
        }
    }

    @Test("Every refusal ends with the same status, and prints nothing")
    func refused() async throws {
        try await Stack.with { stack in
            try await Self.fill(stack.database)
            for (words, status) in Self.refusals {
                let output = try await Self.compare(stack, words, status)
                #expect(output.isEmpty, "\(words)")
            }
        }
    }

    /// - Parameter kept: What is compared of an output.
    /// - Returns: The output.
    @discardableResult
    private static func compare(
        _ stack: Stack,
        _ words: String,
        _ status: Int32,
        kept: (String) -> String = { $0 }
    ) async throws -> String {
        let words = words.split(separator: " ").map(String.init)
        let (bySocket, byGateway) = try await stack.toolBothWays(words)
        #expect(bySocket.status == status, "\(words) by socket: \(bySocket.errors)")
        #expect(byGateway.status == status, "\(words) by gateway: \(byGateway.errors)")
        #expect(
            kept(bySocket.outputWithoutMoment) == kept(byGateway.outputWithoutMoment),
            "\(words)"
        )
        if status == 0 { #expect(bySocket.errors == byGateway.errors, "\(words)") }
        return bySocket.output
    }
}
