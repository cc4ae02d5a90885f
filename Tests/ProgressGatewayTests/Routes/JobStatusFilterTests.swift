import HTTPTypes
import Testing

@testable import ProgressGateway

struct JobStatusFilterTests {
    private static let active = ["SCHEDULED", "RUNNING", "STOP_REQUESTED", "STOPPING"]

    @Test(
        "Statuses are read in any letter case, with blanks around them, each once",
        arguments: [
            (nil, active), ("active", active), (" Active\t", active), ("all", []), ("ALL", []),
            ("running", ["RUNNING"]), ("fatal, Error ,FATAL", ["FATAL", "ERROR"]),
            (
                "failed,failed_recoverable,failed_fatal,stopped,completed",
                ["FAILED", "FAILED_RECOVERABLE", "FAILED_FATAL", "STOPPED", "COMPLETED"]
            ),
        ] as [(String?, [String])]
    )
    func statuses(text: String?, expected: [String]) throws {
        let filter = try JobStatusFilter(parsing: text.map { Array($0.utf8) })
        #expect(filter.statuses == expected)
    }

    @Test(
        "Other words are refused, and the allowed ones named",
        arguments: [
            ("", ""), ("UNKNOWN", "UNKNOWN"), ("running,nonsense", "NONSENSE"), ("running,", ""),
            ("active,error", "ACTIVE"), ("all,running", "ALL"), ("running;error", "RUNNING;ERROR"),
            // A long s, whose capital letter is S.
            ("\u{17F}cheduled", "\u{17F}CHEDULED"), ("running\0", "RUNNING\0"),
        ]
    )
    func bad(text: String, found: String) {
        let failure = #expect(throws: HTTPFailure.self) {
            try JobStatusFilter(parsing: Array(text.utf8))
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
