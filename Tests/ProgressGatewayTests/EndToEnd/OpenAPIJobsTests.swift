import Foundation
import ProgressRPC
import ProgressTokens
import Testing

@testable import ProgressGateway

/// `docs/openapi-specs/admin.spec.json` against the routes of jobs and their events.
@Suite(.serialized, .timeLimit(.minutes(1)))
struct OpenAPIJobsTests {
    private static let templates = [
        "/jobs": "/jobs", "/jobs/{id}": "/jobs/42", "/jobs/{id}/events": "/jobs/42/events",
        "/jobs/{id}/events/{event_id}": "/jobs/42/events/7",
        "/datasets/{namespace}/{name}/versions/{rev}/jobs": "/datasets/a/b/versions/dev/jobs",
    ]

    private static var document: [String: Any] {
        get throws {
            let root = URL(filePath: #filePath).deletingLastPathComponent().appending(
                path: "../../.."
            )
            let data = try Data(
                contentsOf: root.appending(path: "docs/openapi-specs/admin.spec.json")
            )
            return try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
        }
    }

    private static func description(_ path: String, _ status: Int) throws -> String {
        let paths = try #require(try Self.document["paths"] as? [String: [String: Any]])
        let operation = try #require(paths[path]?["get"] as? [String: Any])
        let responses = try #require(operation["responses"] as? [String: [String: Any]])
        return try #require(responses["\(status)"]?["description"] as? String)
    }

    private static func required(_ schema: String) throws -> Set<String> {
        let components = try #require(try Self.document["components"] as? [String: Any])
        let schemas = try #require(components["schemas"] as? [String: [String: Any]])
        return Set(try #require(schemas[schema]?["required"] as? [String]))
    }

    /// The pattern is of ECMA-262, whose dialect has no flag for letter case.
    @Test(
        "The pattern of 'status' allows what the server reads, in any letter case, and no more",
        arguments: ["active", "Active", "ALL"]
            + JobStatus.listed.flatMap { [$0.rawValue, $0.rawValue.lowercased()] } + [
                "running,ERROR,Failed_Fatal", "running,running", "", "UNKNOWN", "unknown", ",",
                "running,", "active,running", "all,all", "FAILED_", "runn\u{131}ng",
                "\u{17F}topped",
            ]
    )
    func statusPattern(text: String) throws {
        let paths = try #require(try Self.document["paths"] as? [String: [String: Any]])
        let parameters = try #require(paths["/jobs"]?["parameters"] as? [[String: Any]])
        let status = parameters.first { $0["name"] as? String == "status" }
        let schema = try #require(status?["schema"] as? [String: Any])
        let pattern = try #require(schema["pattern"] as? String)
        let isAllowed = text.range(of: pattern, options: .regularExpression) != nil
        #expect(isAllowed == ((try? JobStatusFilter(parsing: text)) != nil))
    }

    @Test(
        "Each status and code that a failing server leads to is documented",
        arguments: [
            (.internalError, ""), (.unavailable, ""), (.deadlineExceeded, ""), (.unknown, ""),
            (.failedPrecondition, "UNSUPPORTED_DATABASE"),
        ] as [(RPCError.Code, String)]
    )
    func failure(code: RPCError.Code, reason: String) async throws {
        let replies = JobReplies.failing(RPCError(code, "", reason: reason))
        try await withGateway(replies: replies, anonymous: [.jobs]) { gateway async throws in
            for (template, target) in Self.templates {
                let answer = try await gateway.request("GET", target)
                try Self.expectDocumented(answer, template)
            }
        }
    }

    @Test(
        "Each status and code of a route's own is documented",
        arguments: [
            ("/jobs", .internalError, "LIST_JOBS_ERROR"), ("/jobs", .messageTooLarge, ""),
            ("/jobs/{id}", .notFound, "JOB_NOT_FOUND"),
            ("/jobs/{id}", .internalError, "GET_JOB_ERROR"),
            ("/jobs/{id}/events", .notFound, "JOB_NOT_FOUND"),
            ("/jobs/{id}/events", .internalError, "GET_JOB_EVENTS_ERROR"),
            ("/jobs/{id}/events/{event_id}", .notFound, "EVENT_NOT_FOUND"),
            ("/jobs/{id}/events/{event_id}", .notFound, "JOB_NOT_FOUND"),
            ("/jobs/{id}/events/{event_id}", .internalError, "GET_JOB_EVENT_ERROR"),
            (
                "/datasets/{namespace}/{name}/versions/{rev}/jobs", .notFound,
                "DATASET_NOT_FOUND"
            ),
            (
                "/datasets/{namespace}/{name}/versions/{rev}/jobs", .internalError,
                "RESOLVE_REVISION_ERROR"
            ),
        ] as [(String, RPCError.Code, String)]
    )
    func ownFailure(template: String, code: RPCError.Code, reason: String) async throws {
        let target = try #require(Self.templates[template])
        let replies = JobReplies.failing(RPCError(code, "", reason: reason))
        try await withGateway(replies: replies, anonymous: [.jobs]) { gateway async throws in
            let answer = try await gateway.request("GET", target)
            #expect(reason.isEmpty || answer.body.contains("\"\(reason)\""))
            try Self.expectDocumented(answer, template)
        }
    }

    private static func expectDocumented(_ answer: HTTPAnswer, _ template: String) throws {
        #expect(answer.status >= 400)
        let code = try #require(answer.body.firstMatch(of: /"error_code":"([A-Z_]+)"/)?.1)
        let description = try Self.description(template, answer.status)
        #expect(description.contains("`\(code)`"), "\(template) \(answer.status) \(code)")
    }

    @Test func answersHaveTheMembersThatTheirSchemasRequire() async throws {
        try await withGateway(replies: try JobReplies.samples, anonymous: [.jobs]) {
            gateway async throws in
            let members = { (target: String) async throws -> [String: Any] in
                let body = try await gateway.request("GET", target).body
                return try #require(
                    try JSONSerialization.jsonObject(with: Data(body.utf8)) as? [String: Any]
                )
            }
            #expect(Set(try await members("/jobs/42").keys) == (try Self.required("JobInfo")))
            #expect(
                Set(try await members("/jobs/42/events/7").keys)
                    == (try Self.required("JobEventResponse"))
            )
            #expect(
                Set(try await members("/whoami").keys) == (try Self.required("PrincipalResponse"))
            )
            let events = try await members("/jobs/42/events")
            #expect(Set(events.keys) == (try Self.required("JobEventsResponse")))
            let event = try #require((events["events"] as? [[String: Any]])?.first)
            #expect(Set(event.keys) == (try Self.required("JobEventInfo")))
            for target in ["/jobs", "/datasets/a/b/versions/dev/jobs"] {
                let page = try await members(target)
                #expect(Set(page.keys) == (try Self.required("JobsResponse")))
                let job = try #require((page["jobs"] as? [[String: Any]])?.first)
                #expect(Set(job.keys) == (try Self.required("JobInfo")))
            }
        }
    }
}
