import NIOHTTP1
import ProgressRPC
import SwiftProtobuf
import Synchronization
import Testing

@testable import ProgressTool

@Suite("progressctl doctor, of files that cannot be decoded")
struct DoctorFilesTests {
    private static let message = "a file of table 'blocks' has unreadable metadata"

    @Test("A trusted peer is told each row by table and id; jobs are asked for in batches")
    func bySocket() async throws {
        let server = StubArchive(jobCount: 201, failed: [7, 149, 150, 151])
        let result = try await withStubServer(server) { socket in
            try await runCommand("doctor", "--socket", socket)
        }
        #expect(server.batches == [100, 100, 1])
        #expect(result.status == .failure)
        let lines = result.output.split(separator: "\n").filter { $0.contains(" file") }
        #expect(
            lines == [
                "fail  files: job 151: \(Self.message); the rows are not named: too large",
                "fail  file: job 150, table 'blocks', file 1500: object_size is -1",
                #"fail  file: job 150, table 'blocks', file 1501: a\u{1b}b"#,
                "fail  files: job 150, table 'blocks': 12 more cannot be decoded",
                "warn  files: job 149: a table of several networks",
                "fail  files: jobs looked at: 201, the active and the newest; not all; with files that cannot be decoded: 2; "
                    + "such a job has no progress until its rows of file_metadata are put right",
            ],
            "job 7 was put right before its rows were asked for"
        )
    }

    @Test("As JSON a row has its job, table and id")
    func json() async throws {
        let server = StubArchive(jobCount: 150, failed: [150])
        let result = try await withStubServer(server) { socket in
            try await runCommand("doctor", "--socket", socket, "--json")
        }
        #expect(
            result.output.contains(
                #"{"check":"file","found":"job 150, table 'blocks', file 1500: object_size is -1","#
                    + #""row":{"file_id":1500,"job_id":150,"table":"blocks"},"status":"fail"}"#
            )
        )
    }

    @Test("A peer that reads within a scope is told the jobs and tables alone")
    func withinAScope() async throws {
        let server = StubArchive(jobCount: 2, failed: [2], needsScope: true)
        let result = try await withStubServer(server) { socket in
            try await runCommand("doctor", "--socket", socket)
        }
        #expect(result.status == .failure)
        #expect(
            result.output.contains(
                "files: job 2: \(Self.message); to a trusted peer the server names the rows\n"
            )
        )
        #expect(!result.output.contains("file 20"))
    }

    @Test("A gateway tells the jobs and tables, and the line says who names the rows")
    func byGateway() async throws {
        let jobs = SampleJobs.runningBody + "," + SampleJobs.hiddenBody
        let result = try await Self.askGateway(
            jobs: #"{"jobs":[\#(jobs)],"next_cursor":41}"#,
            progress: (
                .ok,
                #"{"jobs":[],"errors":[{"job_id":42,"error_code":"SNAPSHOT_TABLE_ERROR","#
                    + #""error_message":"\#(Self.message)"},{"job_id":41,"error_code":"#
                    + #""MULTI_NETWORK_SEGMENTS_ERROR","error_message":"m"}]}"#
            )
        )
        #expect(result.status == .failure)
        #expect(
            result.output.hasSuffix(
                """
                fail  files: job 42: \(Self.message); 'doctor --socket' names the rows, a gateway does not
                warn  files: job 41: m
                fail  files: jobs looked at: 2, the active and the newest; not all; with files that cannot be decoded: 1; \
                such a job has no progress until its rows of file_metadata are put right

                """
            )
        )
    }

    @Test("Who does not know progress of several jobs is worth a warning")
    func notAGateway() async throws {
        let result = try await Self.askGateway(
            jobs: #"{"jobs":[\#(SampleJobs.runningBody)]}"#,
            progress: (.notFound, "no")
        )
        #expect(result.status == .success)
        #expect(result.output.contains("warn  files: the gateway does not tell the progress"))
    }

    private static func askGateway(
        jobs: String,
        progress: (HTTPResponseStatus, String)
    ) async throws -> CommandResult {
        try await withStubGateway { request in
            switch request.uri {
            case "/healthz": (.ok, "")
            case "/whoami": (.ok, #"{"principal":"ci","scopes":["jobs:read"],"expires_at":null}"#)
            case "/jobs?limit=1000&status=all", "/jobs?limit=1000&status=active": (.ok, jobs)
            case "/jobs/progress?ids=42,41", "/jobs/progress?ids=42": progress
            default: (.badRequest, "")
            }
        } _: { url in
            try await runCommand("doctor", "--admin-url", url)
        }
    }

    @Test("Active jobs are looked at first, and that not all were is said")
    func sample() {
        let limit = Int64(JobSample.limit)
        let newest = (limit + 1...2 * limit).reversed().map(\.self)
        let sample = JobSample(active: ([newest[0], 2, 1], false), newest: (newest, true))
        #expect(sample.ids == [newest[0], 2, 1] + newest[1..<Int(limit) - 2])
        #expect(sample.hasMore)
        let few = JobSample(active: ([2], false), newest: ([3, 2, 1], false))
        #expect(few.ids == [2, 3, 1] && !few.hasMore)
        #expect(few.text == "jobs looked at: 3")
    }

    @Test(
        "At most so many rows are named in all; the others are counted",
        arguments: [FailedJob.fileLimit, FailedJob.fileLimit + 1]
    )
    func rowLimit(count: Int) {
        let tables = (1...2).map { number in
            PBTableOutlook.with { table in
                table.name = "t\(number)"
                table.unreadable.files = (1...(number == 1 ? 1 : count - 1)).map { id in
                    .with { $0.fileID = Int64(id) }
                }
            }
        }
        let jobs = [FailedJob(id: 1, reason: FailedJob.unreadable, message: "", tables: tables)]
        let findings = FailedJob.findings(
            of: jobs,
            among: JobSample(active: ([1], false), newest: ([1], false))
        )
        #expect(findings.filter { $0.row != nil }.count == FailedJob.fileLimit)
        let counted = findings.filter { $0.found.hasSuffix("1 more cannot be decoded") }
        #expect(counted.count == count - FailedJob.fileLimit)
        #expect(findings.last?.found == "jobs looked at: 1; with files that cannot be decoded: 1")
    }
}

/// A server whose jobs 1 to `jobCount` have progress but for some; there are older ones.
private final class StubArchive: RPCHandler {
    private let jobCount: Int
    private let failed: Set<Int64>
    private let needsScope: Bool
    private let asked = Mutex<[Int]>([])

    /// How many jobs were asked for at once.
    var batches: [Int] { self.asked.withLock { $0 } }

    init(jobCount: Int, failed: Set<Int64>, needsScope: Bool = false) {
        self.jobCount = jobCount
        self.failed = failed
        self.needsScope = needsScope
    }

    func handle(_ call: ServerCall) {
        do {
            if self.needsScope, ![.describe, .health, .stats].contains(call.method),
                call.seesEverything
            {
                throw RPCError(.unauthenticated, "no scope")
            }
            switch call.method {
            case .describe: call.succeed(PBDescribeResponse())
            case .health: call.succeed(PBHealthResponse.with { $0.status = .serving })
            case .stats: call.succeed(PBStatsResponse())
            case .listJobs:
                var answer = PBListJobsResponse()
                answer.jobs = (1...self.jobCount).reversed().map { id in .with { $0.id = Int64(id) }
                }
                answer.nextCursor = 1
                call.succeed(answer)
            case .getJobProgressBatch:
                let request = try call.message(PBGetJobProgressBatchRequest.self)
                self.asked.withLock { $0.append(request.jobs.count) }
                var answer = PBGetJobProgressBatchResponse()
                answer.failed = request.jobs.map(\.jobID).filter(self.failed.contains).map {
                    PBJobFailure(jobID: $0, $0 == 149 ? Self.networks : Self.error)
                }
                call.succeed(answer)
            case .getJobProgress:
                try self.tell(call, call.message(PBGetJobProgressRequest.self))
            default: throw RPCError(.unimplemented, "no")
            }
        } catch {
            call.fail(error as? RPCError ?? RPCError(.internalError, "\(error)"))
        }
    }

    /// Job 150 has files that cannot be decoded, job 151 is too large, and others are put right.
    private func tell(_ call: ServerCall, _ request: PBGetJobProgressRequest) throws {
        guard request.view == .full else { throw RPCError(.invalidArgument, "view FULL is meant") }
        guard request.jobID != 151 else { throw RPCError(.resourceExhausted, "too large") }
        var answer = PBJobProgress()
        answer.jobID = request.jobID
        var table = PBTableOutlook()
        table.name = "logs"
        answer.outlook.tables = [table]
        if request.jobID == 150 {
            table.name = "blocks"
            table.unreadable.files = [
                .with {
                    $0.fileID = 1_500
                    $0.reason = "object_size is -1"
                },
                .with {
                    $0.fileID = 1_501
                    $0.reason = "a\u{1B}b"
                },
            ]
            table.unreadable.omitted = 12
            answer.outlook.tables.append(table)
        }
        call.succeed(answer)
    }

    private static let networks = RPCError(
        .internalError,
        "a table of several networks",
        reason: "MULTI_NETWORK_SEGMENTS_ERROR"
    )
    private static let error = RPCError(
        .internalError,
        "a file of table 'blocks' has unreadable metadata",
        reason: FailedJob.unreadable
    )
}
