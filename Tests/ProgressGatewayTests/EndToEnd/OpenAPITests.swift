import Foundation
import ProgressRPC
import ProgressTokens
import Testing

@testable import ProgressGateway

/// `docs/openapi-specs/admin.spec.json` against the gateway: each path by each method, and each
/// status by its text.
@Suite(.serialized, .timeLimit(.minutes(1)))
struct OpenAPITests {
    private static let methods = [
        "get", "head", "post", "put", "delete", "patch", "options", "trace",
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

    /// A target that leads to the path, with what its query must have.
    private static func target(_ path: String) -> String {
        path == "/jobs/progress"
            ? path + "?ids=42"
            : path.replacing("{id}", with: "42").replacing("{event_id}", with: "7")
                .replacing("{rev}", with: "dev").replacing(/\{[a-z]+\}/, with: "a")
    }

    private static var paths: [String: [String: Any]] {
        get throws { try #require(try Self.document["paths"] as? [String: [String: Any]]) }
    }

    private static func responses(_ path: String, _ method: String) throws -> [String: [String:
        Any]]
    {
        let operation = try #require(try Self.paths[path]?[method] as? [String: Any])
        return try #require(operation["responses"] as? [String: [String: Any]])
    }

    @Test func thePathsAreThoseOfTheGateway() throws {
        #expect(Set(try Self.paths.keys) == Set(Endpoint.allCases.map(\.template)))
    }

    @Test func theVersionIsThatOfTheProgram() throws {
        let about = try #require(try Self.document["info"] as? [String: Any])
        #expect(about["version"] as? String == GatewayVersion.text)
    }

    @Test func aPathAnswersTheMethodsThatAreDocumentedAndNoOther() async throws {
        let documented = try Self.paths.mapValues { Set($0.keys) }
        try await withGateway(replies: try JobReplies.samples, anonymous: [.jobs]) {
            gateway async throws in
            for (path, keys) in documented {
                for method in Self.methods {
                    let target = Self.target(path)
                    let answer = try await gateway.request(method.uppercased(), target)
                    #expect(
                        answer.status == (keys.contains(method) ? 200 : 405),
                        "\(method) \(path)"
                    )
                }
            }
        }
    }

    @Test func onlyPublicPathsNeedNoToken() async throws {
        let open = try Self.paths.filter { _, item in
            ((item["get"] as? [String: Any])?["security"] as? [Any])?.isEmpty == true
        }
        #expect(Set(open.keys) == Set(Endpoint.allCases.filter(\.isPublic).map(\.template)))
    }

    @Test(
        "Each status and code of the progress route is documented",
        arguments: [
            ("42", 200, nil), ("abc", 400, "INVALID_JOB_ID"), ("7", 404, "JOB_NOT_FOUND"),
            ("1", 500, "SNAPSHOT_TABLE_ERROR"), ("2", 500, "INTERNAL_ERROR"),
            ("3", 502, "BAD_GATEWAY"),
            ("4", 503, "SERVICE_UNAVAILABLE"), ("5", 504, "DEADLINE_EXCEEDED"),
            ("6", 500, "UNSUPPORTED_DATABASE"), ("8", 500, "SCOPE_VIOLATION"),
        ] as [(String, Int, String?)]
    )
    func status(id: String, status: Int, code: String?) async throws {
        let documented = try Self.responses("/jobs/{id}/progress", "get")
        let response = try #require(documented["\(status)"])
        if let code {
            #expect((response["description"] as? String)?.contains("`\(code)`") == true)
        }
        try await withGateway(
            [
                42: .progress(.sample()), 8: .unfiltered(.sample(9)),
                1: .failure(RPCError(.internalError, "", reason: "SNAPSHOT_TABLE_ERROR")),
                2: .failure(RPCError(.internalError, "")), 3: .failure(RPCError(.unknown, "")),
                4: .failure(RPCError(.unavailable, "")),
                5: .failure(RPCError(.deadlineExceeded, "")),
                6: .failure(RPCError(.failedPrecondition, "", reason: "UNSUPPORTED_DATABASE")),
            ],
            anonymous: [.jobs]
        ) { gateway async throws in
            let answer = try await gateway.request("GET", "/jobs/\(id)/progress")
            #expect(answer.status == status)
            if let code { #expect(answer.body.contains("\"error_code\":\"\(code)\"")) }
        }
    }

    @Test(
        "Each status and code of the batch route is documented",
        arguments: [
            ("ids=42,7", 200, nil), ("ids=abc", 400, "INVALID_JOB_ID"), ("", 400, "BAD_REQUEST"),
            ("ids=2", 500, "INTERNAL_ERROR"), ("ids=3", 502, "BAD_GATEWAY"),
            ("ids=4", 503, "SERVICE_UNAVAILABLE"), ("ids=5", 504, "DEADLINE_EXCEEDED"),
            ("ids=6", 500, "UNSUPPORTED_DATABASE"), ("ids=8", 500, "SCOPE_VIOLATION"),
        ] as [(String, Int, String?)]
    )
    func batchStatus(query: String, status: Int, code: String?) async throws {
        let documented = try Self.responses("/jobs/progress", "get")
        let response = try #require(documented["\(status)"])
        if let code {
            #expect((response["description"] as? String)?.contains("`\(code)`") == true)
        }
        let unsupported = RPCError(.failedPrecondition, "", reason: "UNSUPPORTED_DATABASE")
        try await withGateway(
            [
                42: .progress(.sample()), 8: .unfiltered(.sample(9)),
                2: .batch(.failure(RPCError(.internalError, ""))), 3: .notModified,
                4: .batch(.failure(RPCError(.unavailable, ""))),
                5: .batch(.failure(RPCError(.deadlineExceeded, ""))),
                6: .batch(.failure(unsupported)),
            ],
            anonymous: [.jobs]
        ) { gateway async throws in
            let answer = try await gateway.request("GET", "/jobs/progress?\(query)")
            #expect(answer.status == status)
            if let code { #expect(answer.body.contains("\"error_code\":\"\(code)\"")) }
        }
    }

    @Test func theQueriesAreThoseOfTheGateway() throws {
        let names = try Self.paths.mapValues { item in
            let components = try #require(try Self.document["components"] as? [String: Any])
            let shared = try #require(components["parameters"] as? [String: [String: Any]])
            let parameters = item["parameters"] as? [[String: Any]] ?? []
            return parameters.compactMap { parameter -> String? in
                let reference = (parameter["$ref"] as? String)?.split(separator: "/").last
                let parameter = reference.flatMap { shared[String($0)] } ?? parameter
                return parameter["in"] as? String == "query" ? parameter["name"] as? String : nil
            }
        }
        #expect(
            names == [
                "/healthz": [], "/jobs/{id}/progress": ["wait", "max_staleness", "include"],
                "/jobs/progress": ["ids", "max_staleness"],
                "/jobs": ["limit", "last_job_id", "status"], "/jobs/{id}": [],
                "/jobs/{id}/events": ["limit", "last_event_id"],
                "/jobs/{id}/events/{event_id}": [], "/whoami": [], "/openapi.json": [],
                "/": [], "/ui/jobs/{id}": [], "/ui/page.css": [],
                "/ui/page.js": [],
                "/datasets/{namespace}/{name}/versions/{rev}/jobs": ["limit", "last_job_id"],
            ]
        )
    }

    @Test func aBatchHasTheMembersThatItsSchemaRequires() async throws {
        let components = try #require(try Self.document["components"] as? [String: Any])
        let schemas = try #require(components["schemas"] as? [String: [String: Any]])
        let members = try #require(schemas["JobsProgressResponse"]?["required"] as? [String])
        let required = try #require(schemas["JobError"]?["required"] as? [String])
        let body = try await withGateway(anonymous: [.jobs]) { gateway async throws in
            try await gateway.request("GET", "/jobs/progress?ids=42,7").body
        }
        let answer = try #require(
            try JSONSerialization.jsonObject(with: Data(body.utf8)) as? [String: [[String: Any]]]
        )
        #expect(Set(answer.keys) == Set(members))
        #expect(answer["errors"]?.map { Set($0.keys) } == [Set(required)])
    }

    @Test func anAnswerHasTheMembersThatItsSchemaRequires() async throws {
        let components = try #require(try Self.document["components"] as? [String: Any])
        let schemas = try #require(components["schemas"] as? [String: [String: Any]])
        let required = try #require(schemas["TableProgress"]?["required"] as? [String])
        let members = try #require(schemas["JobProgressResponse"]?["required"] as? [String])
        let body = try await withGateway(anonymous: [.jobs]) { gateway async throws in
            try await gateway.request("GET", "/jobs/42/progress").body
        }
        let answer = try #require(
            try JSONSerialization.jsonObject(with: Data(body.utf8)) as? [String: Any]
        )
        #expect(Set(answer.keys) == Set(members))
        let tables = try #require(answer["tables"] as? [String: [String: Any]])
        #expect(tables.values.allSatisfy { Set($0.keys) == Set(required) })
    }
}
