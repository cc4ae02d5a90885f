import HTTPTypes
import ProgressRPC
import Testing

@testable import ProgressGateway

struct JobListRouteTests {
    @Test("Without a status the active jobs are meant")
    func statuses() throws {
        #expect(try JobListRoute.filter(nil) == .active)
        #expect(try JobListRoute.filter(Array(" Fatal\t".utf8)).statuses == [.fatal])
    }

    @Test(
        "Words that are no status are refused, and the allowed ones named",
        arguments: [
            ("", ""), ("running,nonsense", "nonsense"),
            (String(repeating: "x", count: 65), String(repeating: "x", count: 64) + "…"),
        ]
    )
    func bad(text: String, found: String) {
        let failure = #expect(throws: HTTPFailure.self) {
            try JobListRoute.filter(Array(text.utf8))
        }
        #expect(failure?.status == .badRequest)
        #expect(failure?.code == "INVALID_QUERY_PARAMETERS")
        #expect(
            failure?.message
                == "status has '\(found)'; it must be active, all, or with commas between them: "
                + "SCHEDULED, RUNNING, STOP_REQUESTED, STOPPING, STOPPED, COMPLETED, ERROR, FATAL, "
                + "FAILED, FAILED_RECOVERABLE, FAILED_FATAL"
        )
    }
}
