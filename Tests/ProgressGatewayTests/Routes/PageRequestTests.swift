import HTTPTypes
import Testing

@testable import ProgressGateway

struct PageRequestTests {
    private static func failure(_ text: String, _ bounds: PageRequest.Bounds) -> HTTPFailure? {
        do {
            _ = try PageRequest(RequestQuery(text.utf8), bounds)
            return nil
        } catch {
            #expect(error.status == .badRequest)
            return error
        }
    }

    @Test(
        "A page has as many rows as asked, or as the list has by default",
        arguments: [
            ("", 50, 0), ("limit=1", 1, 0), ("limit=1000", 1_000, 0), ("limit=0007", 7, 0),
            ("limit=%31", 1, 0), ("last_job_id=9223372036854775807", 50, .max),
            ("x=0&last_job_id=%2B042&limit=2", 2, 42), ("last_event_id=3", 50, 0),
        ] as [(String, UInt32, Int64)]
    )
    func page(text: String, limit: UInt32, cursor: Int64) throws {
        let page = try PageRequest(RequestQuery(text.utf8), .jobs)
        #expect(page.limit == limit)
        #expect(page.cursor == cursor)
    }

    @Test func numbersAreReadByAmpsRules() throws {
        for text in ["5", "005", "%2B5"] {
            let page = try PageRequest(
                RequestQuery("limit=\(text)&last_job_id=\(text)".utf8),
                .jobs
            )
            #expect((page.limit, page.cursor) == (5, 5))
        }
    }

    @Test func theListsHaveBoundsOfTheirOwn() throws {
        let events = try PageRequest(RequestQuery("last_event_id=3".utf8), .jobEvents)
        #expect((events.limit, events.cursor) == (10_000, 3))
        #expect(try PageRequest(RequestQuery(), .datasetJobs).limit == 1_000)
        #expect(Self.failure("limit=10000", .jobEvents) == nil)
        #expect(Self.failure("limit=10001", .jobEvents)?.code == "LIMIT_TOO_LARGE")
        #expect(Self.failure("limit=1001", .datasetJobs)?.code == "LIMIT_TOO_LARGE")
    }

    @Test(
        "What is no page is refused, with what was found and what is allowed",
        arguments: [
            ("limit=0", "LIMIT_INVALID", "limit is '0'; it must be 1 to 1000"),
            ("limit=000", "LIMIT_INVALID", "limit is '000'; it must be 1 to 1000"),
            ("limit=1001", "LIMIT_TOO_LARGE", "limit is '1001'; it must be 1 to 1000"),
            (
                "limit=99999999999999999999", "LIMIT_TOO_LARGE",
                "limit is '99999999999999999999'; it must be 1 to 1000"
            ),
            ("limit=abc", "INVALID_QUERY_PARAMETERS", "limit is 'abc'; it must be 1 to 1000"),
            ("limit=", "INVALID_QUERY_PARAMETERS", "limit is ''; it must be 1 to 1000"),
            ("limit", "INVALID_QUERY_PARAMETERS", "limit is ''; it must be 1 to 1000"),
            ("limit=%2B", "INVALID_QUERY_PARAMETERS", "limit is '+'; it must be 1 to 1000"),
            ("limit=+5", "INVALID_QUERY_PARAMETERS", "limit is ' 5'; it must be 1 to 1000"),
            ("limit=-1", "INVALID_QUERY_PARAMETERS", "limit is '-1'; it must be 1 to 1000"),
            ("limit=1.0", "INVALID_QUERY_PARAMETERS", "limit is '1.0'; it must be 1 to 1000"),
            (
                "limit=1&limit=1", "INVALID_QUERY_PARAMETERS",
                "limit is given 2 times; it must be given once"
            ),
            (
                "last_job_id=0", "INVALID_QUERY_PARAMETERS",
                "last_job_id is '0'; it must be 1 to 9223372036854775807"
            ),
            (
                "last_job_id=9223372036854775808", "INVALID_QUERY_PARAMETERS",
                "last_job_id is '9223372036854775808'; it must be 1 to 9223372036854775807"
            ),
            (
                "last_job_id=x", "INVALID_QUERY_PARAMETERS",
                "last_job_id is 'x'; it must be 1 to 9223372036854775807"
            ),
            (
                "last_job_id=1&last_job_id=2", "INVALID_QUERY_PARAMETERS",
                "last_job_id is given 2 times; it must be given once"
            ),
        ]
    )
    func bad(text: String, code: String, message: String) {
        let failure = Self.failure(text, .jobs)
        #expect(failure?.code == code)
        #expect(failure?.message == message)
    }

    @Test(
        "The next page has the same limit and status as this one",
        arguments: [
            ("", nil, "/jobs?last_job_id=7"),
            ("limit=2&last_job_id=9", nil, "/jobs?limit=2&last_job_id=7"),
            ("limit=002", " a,\u{E9}&", "/jobs?limit=2&last_job_id=7&status=%20a,%C3%A9%26"),
        ] as [(String, String?, String)]
    )
    func target(text: String, status: String?, expected: String) throws {
        let page = try PageRequest(RequestQuery(text.utf8), .jobs)
        #expect(page.target("/jobs", behind: 7, status: status.map { Array($0.utf8) }) == expected)
    }

    @Test func aCursorIsNoneOrFromOne() throws {
        #expect(try PageRequest.next(0) == nil)
        #expect(try PageRequest.next(.max) == .max)
        #expect(throws: HTTPFailure.badGateway.because("the server's cursor is -1")) {
            try PageRequest.next(-1)
        }
    }
}
