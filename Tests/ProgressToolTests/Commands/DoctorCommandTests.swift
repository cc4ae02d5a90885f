import FoundationEssentials
import NIOHTTP1
import ProgressRPC
import TestSupport
import Testing

@testable import ProgressTool

@Suite("progressctl doctor")
struct DoctorCommandTests {
    private func levels(_ result: CommandResult) -> [String] {
        result.output.split(separator: "\n").map { line in
            String(line.prefix { $0 != ":" }.split(separator: " ").joined(separator: " "))
        }
    }

    @Test("A trusted peer of a healthy server sees every check pass")
    func healthyServer() async throws {
        let result = try await withStubServer(StubPatient()) { socket in
            try await runCommand("doctor", "--socket", socket)
        }
        #expect(
            self.levels(result) == [
                "ok socket", "ok connect", "ok handshake", "ok role", "ok clock", "ok files",
                "ok database", "ok tracking", "ok load", "ok cache",
            ]
        )
        #expect(result.output.contains("role: trusted"))
        #expect(result.output.contains("database: connected, era F\n"))
        #expect(result.output.contains("tracking: log, "))
        #expect(result.status == .success)
    }

    @Test("The role is told by what the server lets us do")
    func roles() async throws {
        let observer = try await withStubServer(StubPatient(refusing: .permissionDenied)) {
            try await runCommand("doctor", "--socket", $0)
        }
        #expect(self.levels(observer).contains("warn role"))
        #expect(observer.status == .success)

        let gateway = try await withStubServer(StubPatient(refusing: .unauthenticated)) {
            try await runCommand("doctor", "--socket", $0)
        }
        #expect(gateway.output.contains("role: gateway"))
        // Asked again, with a scope; this server refuses that too.
        #expect(self.levels(gateway).contains("fail jobs"))
        #expect(gateway.status == .failure)
    }

    @Test("Where nobody answers the status is 5, and the line says why")
    func nobody() async throws {
        let directory = try TemporaryDirectory()
        defer { directory.remove() }
        let missing = try await runCommand("doctor", "--socket", "\(directory.path)/none.sock")
        #expect(missing.status == .unavailable)
        #expect(missing.output.hasPrefix("fail  socket: "))
        let wrong = try await runCommand("doctor", "--socket", directory.path)
        #expect(wrong.output.contains("is no socket"))
        let url = try await withStubGateway { _ in
            (.ok, "")
        } _: {
            $0
        }
        let gateway = try await runCommand("doctor", "--admin-url", url, "--json")
        #expect(gateway.status == .unavailable)
        #expect(gateway.output.hasPrefix(#"{"checks":[{"check":"gateway","found":"cannot reach"#))
    }

    @Test("A gateway that knows the token passes; one that does not fails twice")
    func gateways() async throws {
        let good = try await withStubGateway { request in
            switch request.uri {
            case "/healthz": (.ok, "")
            case "/whoami": (.ok, #"{"principal":"ci","scopes":["jobs:read"],"expires_at":null}"#)
            case "/jobs?limit=1000&status=all", "/jobs?limit=1000&status=active":
                (.ok, #"{"jobs":[]}"#)
            default: (.badRequest, "")
            }
        } _: { url in
            try await runCommand("doctor", "--admin-url", url)
        }
        #expect(self.levels(good) == ["ok gateway", "ok token", "ok jobs", "ok files"])
        #expect(good.output.contains("token: ci, jobs:read, without end"))
        #expect(good.status == .success)

        let bad = try await withStubGateway { request in
            request.uri == "/healthz"
                ? (.ok, "")
                : (.unauthorized, #"{"error_code":"INVALID_TOKEN","error_message":"no\n"}"#)
        } _: { url in
            try await runCommand("doctor", "--admin-url", url)
        }
        #expect(self.levels(bad) == ["ok gateway", "fail token", "fail jobs"])
        #expect(bad.status == .failure)
    }

    @Test(
        "A token is worth a warning in its last 7 days, and fails after its end",
        arguments: [
            ("2026-01-08T00:00:00+00:00", .ok), ("2026-01-07T23:59:59.5Z", .warn),
            ("2026-01-01T00:00:00Z", .warn), ("2025-12-31T23:59:59Z", .fail),
            ("+292277-01-09T04:00:54Z", .ok),
        ] as [(String, Finding.Level)]
    )
    func expiry(text: String, level: Finding.Level) throws {
        let now = try Date("2026-01-01T00:00:00Z", strategy: .iso8601)
        let body = #"{"principal":"p","scopes":[],"expires_at":"\#(text)"}"#
        #expect(try CallerDocument(Array(body.utf8)).finding(now: now).level == level)
    }
}

@Suite("What doctor makes of answers")
struct FindingTests {
    @Test("Two readings of clocks differ by what no delay explains")
    func clocks() {
        #expect(clockGap(theirs: 5...5, ours: 1...9) == 0)
        #expect(clockGap(theirs: 12...20, ours: 1...9) == 3)
        #expect(clockGap(theirs: 1...4, ours: 6...9) == -2)
        #expect(clockGap(theirs: .max ... .max, ours: -5 ... -1) == .max)
        #expect(clockGap(theirs: .min ... .min, ours: 1...2) == .min)
        #expect(clockFinding(gap: 2_000_000).level == .ok)
        #expect(clockFinding(gap: 2_000_001).level == .warn)
        #expect(clockFinding(gap: -2_000_001).found == "theirs is 2.0 s behind ours")
        #expect(clockFinding(gap: .min).level == .warn)
    }

    @Test("A Date field names a second")
    func dates() {
        let second: ClosedRange<Int64> = 784_111_777_000_000...784_111_777_999_999
        #expect(httpSecond("Sun, 06 Nov 1994 08:49:37 GMT") == second)
        for text in ["", "06 Nov 1994", "Sun, 06 Nop 1994 08:49:37 GMT", "Sunday"] {
            #expect(httpSecond(text) == nil)
        }
    }

    @Test("Health fails without a database, and warns of a standby that is late")
    func health() {
        var health = PBHealthResponse()
        health.status = .notServing
        health.database = "unreachable"
        #expect(healthFindings(health).map(\.level) == [.fail])
        health.status = .serving
        health.standby = true
        health.replayLagMs = 10_000
        #expect(healthFindings(health).map(\.level) == [.ok, .ok])
        health.replayLagMs = 10_001
        #expect(healthFindings(health).map(\.level) == [.ok, .warn])
        health.schemaEra = "C"
        health.currency = "scan"
        #expect(healthFindings(health)[1].remedy == nil)
        health.schemaEra = "F"
        #expect(healthFindings(health)[1].remedy?.contains("tracking install") == true)
    }

    @Test("Answers read past the cache are worth a warning")
    func stats() {
        var stats = PBStatsResponse()
        #expect(statsFindings(stats).map(\.subject) == ["load"])
        stats.cache = ["bytes": 1_048_576, "budget_bytes": .max, "evictions": 2]
        #expect(statsFindings(stats).last?.level == .ok)
        stats.cache["direct_reads"] = 1
        #expect(statsFindings(stats).last?.level == .warn)
    }

    @Test("What is found cannot break its line")
    func line() {
        let finding = Finding(.warn, "token", "a\nb", remedy: "c")
        #expect(finding.line == #"warn  token: a\u{a}b; c"#)
    }
}

/// A server in good health that may refuse to list jobs.
private struct StubPatient: RPCHandler {
    var refusing: RPCError.Code?

    func handle(_ call: ServerCall) {
        switch call.method {
        case .describe:
            var answer = PBDescribeResponse()
            answer.name = "progress-server"
            answer.version = ToolApplication.version
            call.succeed(answer)
        case .health:
            var answer = PBHealthResponse()
            answer.status = .serving
            answer.database = "connected"
            answer.schemaEra = "F"
            answer.currency = "log"
            call.succeed(answer)
        case .stats:
            var answer = PBStatsResponse()
            answer.cache = ["bytes": 1, "budget_bytes": 2]
            call.succeed(answer)
        default:
            if let code = self.refusing {
                call.fail(RPCError(code, "no"))
            } else {
                var answer = PBListJobsResponse()
                answer.asOf.observedAtUs = wallClock()
                call.succeed(answer)
            }
        }
    }
}
