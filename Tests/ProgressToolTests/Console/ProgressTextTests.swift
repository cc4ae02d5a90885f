import ProgressJSON
import Testing

@testable import ProgressTool

@Suite("A job's progress for people")
struct ProgressTextTests {
    @Test("Tables are sorted by name, and one without data says so")
    func tables() {
        let progress = JobProgress(
            jobID: 42,
            status: "RUNNING",
            tables: [
                .init(
                    name: "logs",
                    startBlock: nil,
                    currentBlock: nil,
                    fileCount: 0,
                    totalByteCount: 0
                ),
                .init(
                    name: "blocks",
                    startBlock: 0,
                    currentBlock: 21_500_000,
                    fileCount: 1_247,
                    totalByteCount: 137_970_286_592
                ),
            ],
            failure: nil
        )
        #expect(
            progressText(progress) == """
                Job ID: 42
                Status: RUNNING

                Tables:
                  blocks:
                    Block range: 0 - 21500000
                    Files: 1247
                    Size: 128.5 GB
                  logs:
                    Block range: (no data)
                    Files: 0
                    Size: 0 B
                """
        )
    }

    @Test("A job without tables says so")
    func noTables() {
        let progress = JobProgress(jobID: 1, status: "SCHEDULED", tables: [], failure: nil)
        #expect(progressText(progress) == "Job ID: 1\nStatus: SCHEDULED\n\nNo tables written yet.")
    }

    @Test("A failure shows its message, its facts aligned, and the stack")
    func failure() {
        let detail = JSONValue.object([
            "error_code": .string("FETCH"), "error_message": .string("the provider\u{7} is gone"),
            "error_context": .object([
                "block_range_start": .integer(7), "attempt_index": .integer(2),
                "stack_trace": .array([.string("first"), .string("second")]),
            ]),
        ])
        let progress = JobProgress(
            jobID: 1,
            status: "ERROR",
            tables: [],
            failure: JobProgress.Failure(detail: detail)
        )
        #expect(
            progressText(progress) == """
                Job ID: 1
                Status: ERROR

                ✖ the provider\\u{7} is gone
                  Error Code:        FETCH
                  Attempt Index:     2
                  Block Range Start: 7
                  Stack Trace:
                    • first
                    • second

                No tables written yet.
                """
        )
    }

    @Test("A detail of another form is shown as it is")
    func otherDetails() {
        #expect(JobProgress.Failure(detail: .string("boom")).message == "boom")
        let failure = JobProgress.Failure(detail: .object(["why": .array([.null, .bool(true)])]))
        #expect(failure.message == "the job failed without a message")
        #expect(failure.facts == [.init(name: "why", value: "null, true")])
    }
}
