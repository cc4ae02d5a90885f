import ProgressRPC
import ProgressTokens
import Testing

@testable import ProgressGateway

/// Every path of the OpenAPI document by every method, each answer against what is promised: status,
/// content type, header fields, error code, and the members of the body.
@Suite(.serialized, .timeLimit(.minutes(1)))
struct OpenAPIContractTests {
    /// Asks every documented operation of `methods` and expects answers of `statuses`, as documented.
    private static func walk(
        _ gateway: RunningGateway,
        _ fields: [String] = [],
        suffix: String = "",
        methods: Set<String> = ["get", "head"],
        statuses: Set<Int>
    ) async throws {
        let document = try OpenAPIDocument()
        for path in document.paths {
            for method in document.methods(of: path).intersection(methods) {
                let target = OpenAPIDocument.target(path) + suffix
                let answer = try await gateway.request(method.uppercased(), target, fields)
                #expect(statuses.contains(answer.status), "\(method) \(target)")
                #expect(document.objections(to: answer, method, path) == [], "\(method) \(target)")
            }
        }
    }

    @Test func everyPathIsAnEndpointAndEveryEndpointAPath() throws {
        #expect(try OpenAPIDocument().paths == Endpoint.allCases.map(\.template).sorted())
    }

    @Test func everyOperationAnswersAsDocumented() async throws {
        try await withGateway(replies: try JobReplies.samples, anonymous: [.jobs]) {
            gateway async throws in
            try await Self.walk(gateway, statuses: [200])
        }
    }

    @Test func pagesThatHaveANextOneAndDetailsAreAsDocumented() async throws {
        var replies = try JobReplies.samples
        replies[.listJobs] = .success(try JobReplies.page([.sample()], next: 42).encoded())
        replies[.listDatasetJobs] = .success(
            try JobReplies.datasetPage([.sample(descriptor: nil)], next: 42).encoded()
        )
        replies[.listJobEvents] = .success(try JobReplies.events([.sample()], next: 7).encoded())
        replies[.getJobEvent] = .success(
            try JobReplies.event(.sample(detail: #"{"error_code":"X"}"#)).encoded()
        )
        var progress = PBJobProgress.sample()
        progress.detailJson = "{}"
        progress.ageUs = 2_500_000
        try await withGateway(
            [42: .progress(progress)],
            replies: replies,
            anonymous: [.jobs, .details]
        ) { gateway async throws in
            try await Self.walk(gateway, statuses: [200])
        }
    }

    @Test func otherMethodsAnswer405AndNameTheDocumentedOnes() async throws {
        let document = try OpenAPIDocument()
        try await withGateway { gateway async throws in
            for path in document.paths {
                let documented = document.methods(of: path)
                let others = OpenAPIDocument.methods.filter { !documented.contains($0) }
                #expect(others.count + documented.count == OpenAPIDocument.methods.count)
                for method in others {
                    let target = OpenAPIDocument.target(path)
                    let answer = try await gateway.request(method.uppercased(), target)
                    #expect(answer.status == 405, "\(method) \(target)")
                    let allowed = (answer["allow"] ?? "").lowercased().split(separator: ", ")
                    #expect(Set(allowed.map(String.init)) == documented, "\(method) \(target)")
                    #expect(answer["content-type"] == "application/json")
                }
            }
        }
    }

    @Test func anotherPathAnswers404ByEveryMethod() async throws {
        try await withGateway(anonymous: [.jobs]) { gateway async throws in
            for method in OpenAPIDocument.methods {
                let answer = try await gateway.request(method.uppercased(), "/openapi")
                #expect(answer.status == 404, "\(method)")
            }
        }
    }

    @Test func aConditionalRequestAnswersAsDocumented() async throws {
        try await withGateway(replies: try JobReplies.samples, anonymous: [.jobs]) {
            gateway async throws in
            try await Self.walk(gateway, ["If-None-Match: *"], statuses: [200, 304])
        }
    }

    @Test(
        "Refused credentials and bodies are answered as documented",
        arguments: [
            ([], [200, 401]),
            (["Authorization: Bearer amppt_none"], [200, 401]),
            (["Authorization: Basic YTpi"], [200, 400]),
            (["Content-Length: 1"], [400]),
        ] as [([String], Set<Int>)]
    )
    func refusal(fields: [String], statuses: Set<Int>) async throws {
        try await withGateway { gateway async throws in
            try await Self.walk(gateway, fields, statuses: statuses)
        }
    }

    /// By GET alone, as the parser gives up before it says what the method is.
    @Test func aHeadThatIsTooLargeIsAnsweredAsDocumented() async throws {
        let field = "X: " + String(repeating: "a", count: GatewayLimits().headerByteCount)
        try await withGateway { gateway async throws in
            try await Self.walk(gateway, [field], methods: ["get"], statuses: [431])
        }
    }

    @Test func aTargetThatIsTooLongIsAnsweredAsDocumented() async throws {
        let suffix = "?" + String(repeating: "a", count: GatewayLimits().targetByteCount)
        try await withGateway { gateway async throws in
            try await Self.walk(gateway, suffix: suffix, statuses: [414])
        }
    }

    @Test(
        "Failures of the server are answered as documented",
        arguments: [
            (RPCError(.internalError, ""), 500), (RPCError(.unknown, ""), 502),
            (RPCError(.unavailable, ""), 503),
            (RPCError(.resourceExhausted, ""), 503), (RPCError(.deadlineExceeded, ""), 504),
            (RPCError(.permissionDenied, ""), 500),
        ]
    )
    func failure(error: RPCError, status: Int) async throws {
        try await withGateway(
            [42: .failure(error)],
            replies: JobReplies.failing(error),
            anonymous: [.jobs]
        ) { gateway async throws in
            // Those that do not ask the server, and the batch, which names the failure for each job.
            try await Self.walk(gateway, statuses: [200, status])
        }
    }

    @Test func tooManyRequestsAreAnsweredAsDocumented() async throws {
        var limits = GatewayLimits()
        limits.requestsInFlight = 0
        try await withGateway(limits: limits) { gateway async throws in
            try await Self.walk(gateway, statuses: [503])
        }
    }
}
