import Testing

@testable import ProgressRPC

struct JobStatusFilterTests {
    @Test(
        "Statuses are read in any letter case, with blanks around them, each once",
        arguments: [
            ("active", JobStatus.active), (" Active\t", JobStatus.active), ("all", []),
            ("ALL", []), ("running", [.running]), ("fatal, Error ,FATAL", [.fatal, .error]),
            (
                "failed,failed_recoverable,failed_fatal,stopped,completed",
                [.failed, .failedRecoverable, .failedFatal, .stopped, .completed]
            ),
        ] as [(String, [JobStatus])]
    )
    func statuses(text: String, expected: [JobStatus]) throws {
        #expect(try JobStatusFilter(parsing: text).statuses == expected)
    }

    @Test(
        "Other words are refused",
        arguments: [
            ("", ""), (" ", ""), ("UNKNOWN", "UNKNOWN"), ("running,nonsense", "nonsense"),
            ("running,", ""), ("active,error", "active"), ("all,running", "all"),
            ("running;error", "running;error"), (" stop requested ", "stop requested"),
            // A long s, whose capital letter is S.
            ("\u{17F}cheduled", "\u{17F}cheduled"), ("running\0", "running\0"),
        ]
    )
    func bad(text: String, found: String) {
        let error = #expect(throws: JobStatusFilter.UnknownWord.self) {
            try JobStatusFilter(parsing: text)
        }
        #expect(error?.word == found)
    }

    @Test("What is stored is read in any letter case; another word is unknown, and not listed")
    func stored() {
        #expect(JobStatus(stored: "stop_Requested") == .stopRequested)
        #expect(JobStatus(stored: "PAUSED") == .unknown)
        #expect(JobStatus(listed: "UNKNOWN") == nil)
        #expect(JobStatus(listed: "running") == nil)
        #expect(JobStatus.listed.count == JobStatus.allCases.count - 1)
    }
}
