import ArgumentParser
import Testing

@testable import ProgressTool

@Suite("What more a person is told of a job")
struct OutlookTextTests {
    private static let body = #"""
        {"job_id":1,"job_status":"RUNNING","tables":{"blocks":{"current_block":99,"start_block":0,
        "files_count":10,"total_size_bytes":1000,"end_block":399,"percent":25.0,
        "blocks_per_second":10.0,"eta_seconds":30,"missing_ranges":[[5,6],[8,8],[20,30],[100,399]],
        "missing_omitted":2,"fork":{"start_block":90,"end_block":120,"files":3}}}}
        """#

    @Test func eachNumberHasItsLine() throws {
        let text = progressText(try JobProgressCommand.progress(in: Array(Self.body.utf8)))
        #expect(
            text == """
                Job ID: 1
                Status: RUNNING

                Tables:
                  blocks:
                    Block range: 0 - 99
                    Files: 10
                    Size: 1000 B
                    Progress: 25.0 % of the way to block 399
                    Rate: 10.0 blocks a second
                    Time to go: 30 s
                    Missing: 5 - 6, 8 - 8, 20 - 30, and 3 more
                    Fork: a reorganisation is under way, up to 120
                """
        )
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
