import Foundation
import NIOCore
import NIOHTTP1
import ProgressJSON
import ProgressRPC
import Synchronization
import Testing

@testable import ProgressTool

@Suite("progressctl job progress")
struct JobProgressCommandTests {
    private static let notFound = RPCError(.notFound, "job '8' not found", reason: "JOB_NOT_FOUND")
    private static let broken = RPCError(
        .internalError,
        "the files cannot be read",
        reason: "SNAPSHOT_TABLE_ERROR"
    )

    private static func progress(_ id: Int64) -> Result<PBJobProgress, RPCError> {
        switch id {
        case 8: .failure(self.notFound)
        case 9: .failure(self.broken)
        default: .success(someProgress(id))
        }
    }

    private static func json(_ id: Int64) -> String {
        String(buffer: ProgressJSON.encode(someProgress(id)))
    }

    private static let batch = """
        {"jobs":[\(json(7)),\(json(6))],"errors":[\
        {"job_id":8,"error_code":"JOB_NOT_FOUND","error_message":"job '8' not found"},\
        {"job_id":9,"error_code":"SNAPSHOT_TABLE_ERROR","error_message":"the files cannot be read"}]}
        """

    @Test("Several jobs are asked about in one call, and printed as the API would by both ways")
    func batchAsJSON() async throws {
        let questions = StubQuestions()
        let arguments = ["job", "progress", "7", "8", "9", "6", "--json", "--max-staleness", "5ms"]
        try await withStubServer(questions: questions, progress: Self.progress) { socket in
            let result = try await runCommand(arguments + ["--socket", socket])
            #expect(result.output == Self.batch + "\n")
            #expect(result.status == .notFound)
        }
        #expect(questions.all == [.init(jobs: [7, 8, 9, 6], maxStalenessMs: 5)])
        try await withStubGateway { request in
            let isRight = request.uri == "/jobs/progress?ids=7,8,9,6&max_staleness=0.005"
            return (isRight ? .ok : .badRequest, Self.batch)
        } _: { url in
            let result = try await runCommand(arguments + ["--admin-url", url])
            #expect(result.output == Self.batch + "\n")
            #expect(result.status == .notFound)
        }
    }

    @Test("For people the jobs that are there come first; the others are named, each in its line")
    func batchAsText() async throws {
        try await withStubServer(progress: Self.progress) { socket in
            let result = try await runCommand(
                ["job", "progress", "9", "7", "8", "6", "--socket", socket]
            )
            let single = try await runCommand(["job", "progress", "7", "--socket", socket])
            #expect(result.output.hasPrefix(single.output))
            #expect(result.output.contains("\n\n"))
            #expect(
                result.notes == """
                    progressctl: job '8' not found
                    progressctl: job 9: SNAPSHOT_TABLE_ERROR: the files cannot be read

                    """
            )
            #expect(result.status == .failure)
            let all = try await runCommand(["job", "progress", "7", "6", "--socket", socket])
            #expect(all.status == .success)
            #expect(all.notes.isEmpty)
        }
    }

    @Test("An answer that is no batch ends with status 1")
    func badBatch() async throws {
        try await withStubGateway { _ in
            (.ok, #"{"jobs":[]}"#)
        } _: { url in
            let result = try await runCommand("job", "progress", "1", "2", "--admin-url", url)
            #expect(result.status == .failure)
        }
    }

    @Test("By socket a wait goes on from the first answer, and ends with the newest")
    func waitBySocket() async throws {
        for moves in [true, false] {
            let questions = StubQuestions()
            let calls = Mutex<UInt8>(0)
            try await withStubServer(questions: questions) { id in
                let call = calls.withLock { calls in
                    calls += 1
                    return calls
                }
                var progress = someProgress(id)
                progress.version = Data(repeating: moves ? call : 1, count: 16)
                progress.jobStatus = "CALL\(call)"
                return .success(progress)
            } _: { socket in
                let result = try await runCommand(
                    ["job", "progress", "7", "--wait", "1500ms", "--json", "--socket", socket]
                )
                #expect(result.status == .success)
                #expect(result.output.contains(moves ? "CALL2" : "CALL1"))
            }
            #expect(
                questions.all == [
                    .init(jobs: [7]),
                    .init(jobs: [7], knownVersion: Data(repeating: 1, count: 16), waitMs: 1_500),
                ]
            )
        }
    }

    @Test("By gateway too, in whole seconds")
    func waitByGateway() async throws {
        for status in [HTTPResponseStatus.ok, .notModified] {
            let targets = Mutex<[String]>([])
            try await withStubGateway { request in
                targets.withLock { $0.append(request.uri) }
                guard request.headers["if-none-match"] == [stubTag] else {
                    return (.ok, #"{"first":1}"#)
                }
                return (status, status == .ok ? #"{"second":1}"# : "")
            } _: { url in
                let result = try await runCommand(
                    ["job", "progress", "7", "--wait", "1500ms", "--json", "--admin-url", url]
                )
                #expect(result.status == .success)
                #expect(
                    result.output == (status == .ok ? "{\"second\":1}\n" : "{\"first\":1}\n")
                )
            }
            #expect(
                targets.withLock { $0 } == ["/jobs/7/progress", "/jobs/7/progress?wait=2"]
            )
        }
    }

    @Test("A gateway that says 'not modified' unasked is not believed")
    func notModifiedUnasked() async throws {
        try await withStubGateway { _ in
            (.notModified, "")
        } _: { url in
            let result = try await runCommand("job", "progress", "7", "--admin-url", url)
            #expect(result.status == .failure)
        }
    }

    @Test(
        "Seconds have three decimals",
        arguments: [
            (.milliseconds(1), "0.001"), (.milliseconds(250), "0.250"),
            (.seconds(3_600), "3600.000"),
            (.microseconds(1_999), "0.001"),
        ] as [(Duration, String)]
    )
    func seconds(span: Duration, text: String) {
        #expect(ReadingTerms.seconds(span) == text)
    }
}
