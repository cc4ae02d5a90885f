import Foundation
import NIOCore
import Synchronization
import TestSupport
import Testing

@testable import ProgressRPC

@Suite("Asking about jobs", .timeLimit(.minutes(1)))
struct JobProgressCallTests {
    /// Remembers what was asked and how long the caller waits, and answers with nothing.
    private final class Recorder: RPCHandler {
        struct Question: Sendable {
            var body: ByteBuffer
            var timeLeft: TimeAmount
        }

        let questions = Mutex<[Question]>([])

        func handle(_ call: ServerCall) {
            let left = call.deadline - .now()
            self.questions.withLock { $0.append(Question(body: call.body, timeLeft: left)) }
            call.succeed(ByteBuffer())
        }
    }

    private static func question(
        _ ask: @Sendable (ProgressClient) async throws -> Void
    ) async throws -> Recorder.Question {
        let recorder = Recorder()
        try await withServer(recorder) { _, path in
            let client = ProgressClient(.init(socketPath: path))
            try await ask(client)
            await client.close()
        }
        return try #require(recorder.questions.withLock { $0.first })
    }

    private static let options = CallOptions(timeout: .seconds(100), waitsForConnection: true)

    @Test(
        "Time spans become milliseconds: a staleness rounded down, a wait up",
        arguments: [
            (.zero, 0, 0), (.milliseconds(1), 1, 1), (.microseconds(1), 0, 1),
            (.microseconds(1_001), 1, 2), (.seconds(60), 60_000, 60_000), (.seconds(-1), 0, 0),
            (.microseconds(-1), 0, 0), (.seconds(5_000_000), .max, .max),
            (.seconds(Int64.max), .max, .max),
        ] as [(Duration, UInt32, UInt32)]
    )
    func rounding(span: Duration, staleness: UInt32, wait: UInt32) async throws {
        let question = try await Self.question { client in
            _ = try await client.jobProgress(
                42,
                knownVersion: [1],
                maxStaleness: span,
                wait: span,
                options: Self.options
            )
        }
        let request = try PBGetJobProgressRequest(decoding: question.body)
        #expect(request.jobID == 42)
        #expect(Array(request.knownVersion) == [1])
        #expect((request.maxStalenessMs, request.waitMs) == (staleness, wait))
    }

    @Test("A call that waits has its wait beyond its time, and not more than the longest")
    func timeout() async throws {
        for (wait, seconds) in [(0, 100), (30, 130), (60, 160), (1_000, 160)] as [(Int64, Int64)] {
            let single = try await Self.question { client in
                _ = try await client.jobProgress(
                    1,
                    wait: .seconds(wait),
                    options: Self.options
                )
            }
            let batch = try await Self.question { client in
                _ = try await client.jobProgressBatch(
                    [PBKnownJob(1)],
                    wait: .seconds(wait),
                    options: Self.options
                )
            }
            for left in [single.timeLeft, batch.timeLeft] {
                #expect(left <= .seconds(seconds))
                // Far less than a wait is lost between client and server.
                #expect(left > .seconds(seconds - 20))
            }
        }
    }

    @Test("A batch names its jobs and what is known of them, and returns what came")
    func batch() async throws {
        let question = try await Self.question { client in
            let answer = try await client.jobProgressBatch(
                [PBKnownJob(7), PBKnownJob(8, knownVersion: Array(0..<16))],
                maxStaleness: .milliseconds(5),
                options: Self.options
            )
            #expect(answer == PBGetJobProgressBatchResponse())
        }
        let request = try PBGetJobProgressBatchRequest(decoding: question.body)
        #expect(request.jobs.map(\.jobID) == [7, 8])
        #expect(request.jobs.map(\.knownVersion) == [Data(), Data(0..<16)])
        #expect((request.maxStalenessMs, request.waitMs) == (5, 0))
    }

    @Test("The largest batch fits into a request, with every id and version at its largest")
    func largestBatch() throws {
        var request = PBGetJobProgressBatchRequest()
        request.jobs = (0..<Limits.batchJobs).map {
            PBKnownJob(.max - Int64($0), knownVersion: Array(0..<16))
        }
        let room = Limits.serverReceiveByteCount - Limits.metaByteCount - 8
        #expect(try request.encoded().readableBytes < room)
    }

    @Test("The failure of one job says what its error said")
    func failure() {
        let error = RPCError(
            .internalError,
            "the files cannot be read",
            reason: "SNAPSHOT_TABLE_ERROR",
            retryAfter: .milliseconds(20),
            details: ["table": "blocks"]
        )
        let failure = PBJobFailure(jobID: 7, error)
        #expect(failure.jobID == 7)
        #expect(RPCError(failure) == error)
        var strange = failure
        strange.code = 65_536
        #expect(RPCError(strange).code == .unknown)
    }
}
