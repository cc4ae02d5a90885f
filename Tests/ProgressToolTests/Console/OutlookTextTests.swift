import ArgumentParser
import Testing

@testable import ProgressTool

@Suite("What more a person is told of a job")
struct OutlookTextTests {
    private static func text(of body: String) throws -> String {
        progressText(try JobProgressCommand.progress(in: Array(body.utf8)))
    }

    @Test func eachNumberHasItsLine() throws {
        let text = try Self.text(
            of: #"""
                {"job_id":1,"job_status":"RUNNING","tables":{"blocks":{"current_block":99,
                "start_block":0,"files_count":10,"total_size_bytes":1000,"end_block":399,
                "percent":25.0,"blocks_per_second":10.0,"eta_seconds":30,
                "last_file_at":"2026-01-02T03:04:05.5+00:00",
                "missing_ranges":[[5,6],[8,8],[20,30],[100,399]],"missing_omitted":2,
                "fork":{"start_block":90,"end_block":120,"files":3},"networks":{}}},
                "dataset":"eth/main","observed_at":"2026-01-02T03:30:00+00:00","percent":25.0,
                "eta_seconds":90061,"last_file_at":"2026-01-02T03:04:05.5+00:00",
                "stalled_since":"2026-01-02T03:04:06+00:00"}
                """#
        )
        #expect(
            text == """
                Job ID: 1
                Status: RUNNING
                Dataset: eth/main
                Progress: 25.0 %
                Time to go: 1 d 1 h
                Last file: 2026-01-02 03:04:05
                Stalled since: 2026-01-02 03:04:06
                Observed: 2026-01-02 03:30:00

                Tables:
                  blocks:
                    Block range: 0 - 99
                    Files: 10
                    Size: 1000 B
                    Progress: 25.0 % of the way to block 399
                    Rate: 10.0 blocks a second
                    Time to go: 30 s
                    Last file: 2026-01-02 03:04:05
                    Missing: 5 - 6, 8, 20 - 30, and 3 more
                    Fork: a reorganisation is under way, blocks 90 - 120
                """
        )
    }

    @Test(
        "What is missing is told, or that nothing is, or that it is not known",
        arguments: [
            ("[]", "\n    Missing: nothing"), ("null", "\n    Missing: not known"),
            ("[[7,7]]", "\n    Missing: 7"),
        ]
    )
    func missing(ranges: String, line: String) throws {
        let text = try Self.text(
            of: #"""
                {"job_id":1,"job_status":"RUNNING","tables":{"blocks":{"current_block":null,
                "start_block":null,"files_count":0,"total_size_bytes":0,"missing_ranges":\#(ranges),
                "missing_omitted":0,"fork":null,"networks":{}}}}
                """#
        )
        #expect(text.hasSuffix("Block range: (no data)\n    Files: 0\n    Size: 0 B" + line))
    }

    @Test func aTableOfSeveralNetworksHasTheRangeOfEach() throws {
        let text = try Self.text(
            of: #"""
                {"job_id":1,"job_status":"RUNNING","tables":{"blocks":{"current_block":null,
                "start_block":null,"files_count":0,"total_size_bytes":0,
                "networks":{"mainnet":{"start_block":5,"end_block":10},
                "base":{"start_block":0,"end_block":18446744073709551615}}}}}
                """#
        )
        #expect(
            text.hasSuffix(
                """
                  blocks:
                    Block range of base: 0 - 18446744073709551615
                    Block range of mainnet: 5 - 10
                """
            )
        )
    }

    @Test(
        arguments: [
            (0, "0 s"), (59, "59 s"), (60, "1 min"), (3_661, "1 h 1 min"), (86_400, "1 d"),
            (UInt64.max, "213503982334601 d 7 h"),
        ] as [(UInt64, String)]
    )
    func aTimeSpanHasItsTwoLargestUnits(_ seconds: UInt64, _ text: String) {
        #expect(secondsText(seconds) == text)
    }

    @Test(
        "What goes with nothing else, or is no word, is wrong usage",
        arguments: [
            ["--include", "all", "1"], ["--include", "", "1"], ["--include", "ranges", "1", "2"],
            ["--include", "ranges", "1", "--max-staleness", "1s"],
            ["--include", "estimates", "1", "--wait", "2s"],
        ]
    )
    func usage(_ arguments: [String]) {
        #expect(throws: (any Error).self) { try JobProgressCommand.parse(arguments) }
    }
}
