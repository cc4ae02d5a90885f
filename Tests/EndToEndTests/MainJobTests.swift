import Foundation
import ProgressRPC
import TestSupport
import Testing

@Suite("The main job: from file rows to curl", .requiresPostgres, .timeLimit(.minutes(3)))
struct MainJobTests {
    static let answer = """
        {"job_id":1,"job_status":"RUNNING","tables":{\
        "blocks":{"current_block":99,"start_block":0,"files_count":10,"total_size_bytes":1000},\
        "logs":{"current_block":null,"start_block":null,"files_count":0,"total_size_bytes":0}}}
        """

    static func fill(_ database: AmpDatabase) async throws -> (job: Int64, revision: Int64) {
        let job = try await database.addJob()
        let blocks = try await database.addTable("blocks", job: job)
        _ = try await database.addTable("logs", job: job)
        try await database.addChain(of: 10, to: blocks)
        return (job, blocks)
    }

    @Test("The answer has Amp's bytes, is current, and says when nothing changed")
    func progress() async throws {
        try await Stack.with { stack in
            let (_, blocks) = try await Self.fill(stack.database)
            let first = try await stack.get("/jobs/1/progress")
            #expect(first.status == 200)
            #expect(first.headers["content-type"] == "application/json")
            #expect(first.body == Self.answer)

            let tag = try #require(first.headers["etag"])
            let same = try await stack.get("/jobs/1/progress", headers: [("If-None-Match", tag)])
            #expect(same.status == 304)
            #expect(same.body.isEmpty)

            try await stack.database.addChain(of: 1, to: blocks)
            let next = try await stack.get("/jobs/1/progress", headers: [("If-None-Match", tag)])
            #expect(next.status == 200)
            #expect(next.body.contains("\"current_block\":109,"))
            #expect(next.headers["etag"] != tag)

            let head = try await stack.get("/jobs/1/progress", method: "HEAD")
            #expect(head.status == 200)
            #expect(head.body.isEmpty)
        }
    }

    @Test("A failed job says why, in full only to who may see details")
    func failureDetail() async throws {
        try await Stack.with { stack in
            let detail = #"{"error_code":"E1","error_message":"m","stack_trace":["secret"]}"#
            let job = try await stack.database.addJob(status: "ERROR", detail: detail)
            let all = try await stack.get("/jobs/\(job)/progress")
            #expect(all.body.contains("secret"))
            let plain = try await Stack.makeToken(
                in: stack.tokens,
                name: "plain",
                scopes: ["jobs:read"]
            )
            kill(stack.gateway.processID, SIGHUP)
            _ = try await stack.gateway.line(containing: "read the tokens again")
            let cut = try await stack.get("/jobs/\(job)/progress", token: plain)
            #expect(
                cut.body
                    == #"{"job_id":1,"job_status":"ERROR","tables":{},"detail":{"error_code":"E1","error_message":"m"}}"#
            )
        }
    }

    @Test("A file row that cannot be understood fails its table, by name, and no other job")
    func undecodableRow() async throws {
        try await Stack.with { stack in
            let (job, _) = try await Self.fill(stack.database)
            let other = try await stack.database.addJob()
            let broken = try await stack.database.addTable("traces", of: "eth/other", job: other)
            _ = try await stack.database.addFile(#"{"table":"traces"}"#, to: broken)
            let failed = try await stack.get("/jobs/\(other)/progress")
            #expect(failed.status == 500)
            #expect(failed.body.contains(#""error_code":"SNAPSHOT_TABLE_ERROR""#))
            #expect(failed.body.contains("table 'traces'"))
            let good = try await stack.get("/jobs/\(job)/progress")
            #expect(good.body == Self.answer)
        }
    }

    @Test("A job out of scope and one that is absent answer alike, to the byte")
    func scope() async throws {
        try await Stack.with { stack in
            _ = try await Self.fill(stack.database)
            let mine = try await Stack.makeToken(
                in: stack.tokens,
                name: "mine",
                scopes: ["datasets:eth/main:read"]
            )
            let other = try await Stack.makeToken(
                in: stack.tokens,
                name: "other",
                scopes: ["datasets:eth/other:read"]
            )
            kill(stack.gateway.processID, SIGHUP)
            _ = try await stack.gateway.line(containing: "read the tokens again")
            let seen = try await stack.get("/jobs/1/progress", token: mine)
            #expect(seen.body == Self.answer)
            let hidden = try await stack.get("/jobs/1/progress", token: other)
            let absent = try await stack.get("/jobs/2/progress", token: other)
            #expect(hidden.status == 404)
            #expect(absent.status == 404)
            #expect(hidden.body == absent.body.replacing("'2'", with: "'1'"))
            var left = hidden.headers
            var right = absent.headers
            for name in ["x-request-id", "date"] {
                left[name] = nil
                right[name] = nil
            }
            #expect(left == right)
        }
    }

    @Test("A server that goes away is 503 with Retry-After, and back it is 200")
    func restart() async throws {
        try await Stack.with { stack in
            _ = try await Self.fill(stack.database)
            let before = try await stack.get("/jobs/1/progress")
            #expect(before.status == 200)
            let second = try await Program.run(
                "progress-server",
                ["--socket", stack.socket, "--database", stack.database.conninfo]
            )
            #expect(second.status == 1)
            #expect(second.errors.contains("another server"))
            kill(stack.server.processID, SIGSTOP)
            kill(stack.server.processID, SIGKILL)
            _ = await stack.server.end()
            let down = try await stack.get("/jobs/1/progress")
            #expect(down.status == 503)
            #expect(down.headers["retry-after"] != nil)
            let server = try await Stack.startServer(stack.database, stack.socket)
            var back = try await stack.get("/jobs/1/progress")
            let end = ContinuousClock.now + .seconds(20)
            while back.status == 503, ContinuousClock.now < end {
                back = try await stack.get("/jobs/1/progress")
            }
            #expect(back.body == Self.answer)
            let ended = await server.stop()
            #expect(ended.status == 0)
        }
    }
}
