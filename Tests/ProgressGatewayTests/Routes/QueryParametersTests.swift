import HTTPTypes
import ProgressJSON
import ProgressRPC
import Testing

@testable import ProgressGateway

struct QueryParametersTests {
    /// What is thrown, if it is a failure with status 400.
    private static func refusal(
        _ read: () throws(HTTPFailure) -> Void
    ) -> HTTPFailure? {
        do throws(HTTPFailure) {
            try read()
            return nil
        } catch {
            #expect(error.status == .badRequest)
            return error
        }
    }

    @Test(
        "Names and values are percent-decoded once",
        arguments: [
            ("a=1", "1"), ("b&a=1&c=2", "1"), ("a", ""), ("a=", ""), ("%61=%31", "1"),
            ("a=1=2", "1=2"), ("a=%2531", "%31"), ("a=x+y", "x y"), ("a=x%2By", "x+y"),
            ("&&a=1&", "1"), ("A=1", nil),
            ("", nil), ("=1", nil), ("b=a", nil),
        ] as [(String, String?)]
    )
    func items(text: String, value: String?) throws {
        let query = RequestQuery(text.utf8)
        #expect(try query.value(of: "a") == value.map { Array($0.utf8) })
        #expect(query.contains("a") == (value != nil))
    }

    @Test func whatIsGivenTwiceIsRefusedAndNamed() {
        let query = RequestQuery("wait=1&x=1&x=2&wait=1".utf8)
        let refusal = Self.refusal { () throws(HTTPFailure) in _ = try query.wait() }
        #expect(refusal?.message == "wait is given 2 times; it must be given once")
    }

    @Test(
        "What to include is named by words",
        arguments: [
            ("estimates", OutlookParts.estimates), ("ranges", .ranges),
            ("ranges,estimates", [.estimates, .ranges]),
        ] as [(String, OutlookParts)]
    )
    func include(text: String, parts: OutlookParts) throws {
        #expect(try RequestQuery("include=\(text)".utf8).include() == parts)
        #expect(try RequestQuery().include() == nil)
    }

    @Test(
        "Other words, and company that makes no sense, are refused",
        arguments: [
            "include=", "include=estimate", "include=ranges,", "include=RANGES", "include=all",
            "include=ranges&include=ranges", "include=ranges,ranges", "include=ranges&wait=1",
            "max_staleness=1&include=estimates",
        ]
    )
    func badInclude(text: String) {
        let query = RequestQuery(text.utf8)
        let refusal = Self.refusal { () throws(HTTPFailure) in _ = try query.include() }
        #expect(refusal?.message.hasPrefix("include ") == true)
    }

    @Test("A wait is whole seconds within the limit", arguments: [("1", 1), ("60", 60), ("07", 7)])
    func wait(text: String, seconds: Int) throws {
        #expect(try RequestQuery("wait=\(text)".utf8).wait() == .seconds(seconds))
        #expect(try RequestQuery("later=\(text)".utf8).wait() == nil)
    }

    @Test(
        "Another wait is refused, with what was found and what is allowed",
        arguments: ["", "0", "61", "060", "1s", "1.0", "-1", "+1", "%201", "1e1", "%D9%A1", "x"]
    )
    func badWait(text: String) {
        let query = RequestQuery("wait=\(text)".utf8)
        let refusal = Self.refusal { () throws(HTTPFailure) in _ = try query.wait() }
        #expect(refusal?.message.hasPrefix("wait is '") == true)
        #expect(
            refusal?.message.hasSuffix("; it must be a whole number of seconds from 1 to 60")
                == true
        )
    }

    @Test(
        "A staleness is seconds with up to three decimals",
        arguments: [
            ("0", 0), ("0.000", 0), ("0.001", 1), ("0.5", 500), ("0.25", 250), ("12.034", 12_034),
            ("3600", 3_600_000), ("3600.000", 3_600_000),
        ]
    )
    func maxStaleness(text: String, milliseconds: Int) throws {
        let query = RequestQuery("max_staleness=\(text)".utf8)
        #expect(try query.maxStaleness() == .milliseconds(milliseconds))
        #expect(try RequestQuery().maxStaleness() == .zero)
    }

    @Test(
        "Another staleness is refused",
        arguments: [
            "", ".", "1.", ".5", "0.0001", "3600.001", "3601", "10000", "-1", "1s", "1,5", "1.2.3",
        ]
    )
    func badMaxStaleness(text: String) {
        let query = RequestQuery("max_staleness=\(text)".utf8)
        let refusal = Self.refusal { () throws(HTTPFailure) in _ = try query.maxStaleness() }
        #expect(refusal?.message.hasPrefix("max_staleness is '\(text)'; it must be ") == true)
    }

    @Test(
        "Jobs are named in any order, by the rules of the path",
        arguments: [
            ("7", [7]), ("3,1,2", [3, 1, 2]), ("1%2C2", [1, 2]), ("%2B7,008", [7, 8]),
            ("9223372036854775807", [Int64.max]),
        ] as [(String, [Int64])]
    )
    func jobIDs(text: String, ids: [Int64]) throws {
        #expect(try RequestQuery("ids=\(text)".utf8).jobIDs().map(\.rawValue) == ids)
    }

    @Test(
        "What is no list of jobs is refused",
        arguments: [
            ("x=1", "ids is missing"), ("ids=", "ids has 0 jobs"), ("ids", "ids has 0 jobs"),
            ("ids=1,1", "ids has job 1 twice"), ("ids=1,%2B1", "ids has job 1 twice"),
            ("ids=1,", "invalid job ID: Cannot parse `` to a `i64`"),
            ("ids=1,,2", "invalid job ID: Cannot parse `` to a `i64`"),
            ("ids=1;2", "invalid job ID: Cannot parse `1;2` to a `i64`"),
            ("ids=0", "invalid job ID: JobId must be positive, got: 0"),
            ("ids=1&ids=2", "ids is given 2 times"),
        ]
    )
    func badJobIDs(text: String, message: String) {
        let query = RequestQuery(text.utf8)
        let refusal = Self.refusal { () throws(HTTPFailure) in _ = try query.jobIDs() }
        #expect(refusal?.message.hasPrefix(message) == true, "\(refusal?.message ?? "")")
    }

    @Test func asManyJobsAsTheLimitAndOneMore() throws {
        let most = (1...Limits.batchJobs).map(String.init).joined(separator: ",")
        #expect(try RequestQuery("ids=\(most)".utf8).jobIDs().count == 1_024)
        // And a list of the smallest ids that are so many fits into a target.
        #expect(most.utf8.count < GatewayLimits().targetByteCount)
        let query = RequestQuery("ids=\(most),1025".utf8)
        let refusal = Self.refusal { () throws(HTTPFailure) in _ = try query.jobIDs() }
        #expect(refusal?.message.hasPrefix("ids has 1025 jobs; it must be 1 to 1024") == true)
    }
}
