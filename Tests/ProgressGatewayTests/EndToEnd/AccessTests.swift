import FoundationEssentials
import ProgressRPC
import ProgressTokens
import Testing

@testable import ProgressGateway

@Suite(.serialized, .timeLimit(.minutes(1)))
struct AccessTests {
    private static let realm = #"Bearer realm="progress""#
    private static let invalidToken =
        realm
        + #", error="invalid_token", error_description="The access token is invalid or expired""#

    /// A job that writes a table of its own dataset and, through a shared revision, one of another.
    private static var shared: PBJobProgress {
        var progress = PBJobProgress.sample()
        progress.tables.append(.sample("logs", files: 3, dataset: ("base", "mainnet")))
        return progress
    }

    @Test func aTokenOpensTheTablesThatItsScopesCover() async throws {
        try await withGateway(
            [42: .progress(Self.shared)],
            tokens: [
                "all": ["jobs:read"], "ethereum": ["datasets:ethereum/*:read"],
                "base": ["datasets:base/mainnet:read", "details:read"],
            ]
        ) { gateway async throws in
            let path = "/jobs/42/progress"
            let all = try await gateway.get(path, token: try #require(gateway.secrets["all"]))
            #expect(all.body.contains("blocks") && all.body.contains("logs"))
            let ethereum = try await gateway.get(
                path,
                token: try #require(gateway.secrets["ethereum"])
            )
            #expect(ethereum.body.contains("blocks") && !ethereum.body.contains("logs"))
            let base = try await gateway.get(path, token: try #require(gateway.secrets["base"]))
            #expect(!base.body.contains("blocks") && base.body.contains("logs"))
            let scopes = gateway.server.questions.compactMap(\.scope)
            #expect(scopes.map(\.all) == [true, false, false])
            #expect(scopes.map(\.details) == [false, false, true])
            #expect(scopes[1].datasets.map(\.namespace) == ["ethereum"])
            #expect(scopes[1].datasets.map(\.name) == [""])
        }
    }

    @Test func aHiddenJobAndAnAbsentOneAreByteEqual() async throws {
        try await withGateway(
            [42: .progress(.sample())],
            tokens: ["base": ["datasets:base/*:read"], "none": ["metrics:read", "details:read"]]
        ) { gateway async throws in
            for name in ["base", "none"] {
                let secret = try #require(gateway.secrets[name])
                let hidden = try await gateway.get("/jobs/42/progress", token: secret)
                let absent = try await gateway.get("/jobs/43/progress", token: secret)
                #expect(hidden.status == 404)
                #expect(
                    hidden.body
                        == #"{"error_code":"JOB_NOT_FOUND","error_message":"job '42' not found"}"#
                )
                #expect(hidden.body.replacing("42", with: "43") == absent.body)
                #expect(hidden.comparable.fields == absent.comparable.fields)
            }
        }
    }

    @Test func anAnswerOutOfScopeIsWithheld() async throws {
        try await withGateway(
            [42: .unfiltered(Self.shared), 43: .unfiltered(.sample(44))],
            tokens: ["ethereum": ["datasets:ethereum/*:read"]]
        ) { gateway async throws in
            let secret = try #require(gateway.secrets["ethereum"])
            for job in [42, 43] {
                let answer = try await gateway.get("/jobs/\(job)/progress", token: secret)
                #expect(answer.status == 500)
                #expect(
                    answer.body
                        == #"{"error_code":"SCOPE_VIOLATION","error_message":"the answer was withheld"}"#
                )
            }
            #expect(gateway.log.requests.allSatisfy { $0["level"] as? String == "error" })
            #expect(
                gateway.log.requests.first?["reason"] as? String
                    == "the server sent table 'logs' of 'base/mainnet' out of scope"
            )
        }
    }

    @Test func withoutATokenThereIsAChallengeAndNoAnswer() async throws {
        try await withGateway { gateway async throws in
            let answer = try await gateway.request("GET", "/jobs/42/progress")
            #expect(answer.status == 401)
            #expect(answer["www-authenticate"] == Self.realm)
            #expect(
                answer.body
                    == #"{"error_code":"UNAUTHENTICATED","error_message":"this needs an access token"}"#
            )
            #expect(gateway.server.questions.isEmpty)
        }
    }

    @Test func healthAndUnknownPathsNeedNoToken() async throws {
        try await withGateway { gateway async throws in
            #expect(try await gateway.request("GET", "/healthz").status == 200)
            #expect(try await gateway.request("GET", "/nothing").status == 404)
            #expect(try await gateway.request("DELETE", "/jobs/42/progress").status == 405)
        }
    }

    @Test(
        "Tokens that are not valid are all refused alike",
        arguments: ["nonsense", "eyJhbGciOiJub25lIn0.e30.", "amppt_", "unknown", "cut", "longer"]
    )
    func invalidToken(_ kind: String) async throws {
        try await withGateway(tokens: ["t": ["jobs:read"]]) { gateway async throws in
            let secret = try #require(gateway.secrets["t"])
            let token =
                switch kind {
                case "unknown": APIToken.random().text
                case "cut": String(secret.dropLast())
                case "longer": secret + "0"
                default: kind
                }
            let answer = try await gateway.get("/jobs/42/progress", token: token)
            #expect(answer.status == 401)
            #expect(answer["www-authenticate"] == Self.invalidToken)
            #expect(
                answer.body
                    == #"{"error_code":"INVALID_TOKEN","error_message":"the access token is invalid or expired"}"#
            )
            #expect(!gateway.log.text.contains(secret.dropFirst(16).prefix(32)))
            #expect(gateway.server.questions.isEmpty)
        }
    }

    @Test(
        "A credential that is not one Bearer token is refused",
        arguments: [
            ["Authorization: Basic eDp5"], ["Authorization: Bearer"], ["Authorization: Bearer "],
            ["Authorization:"], ["Authorization: Bearer a b"], ["Authorization: Bearer  TOKEN"],
            ["Authorization: Bearer\tTOKEN"], ["Authorization: BearerTOKEN"],
            ["Authorization: TOKEN"], ["Authorization: Bearer TOKEN, Bearer TOKEN"],
            ["Authorization: Bearer TOKEN", "Authorization: Bearer TOKEN"],
            ["Authorization: Bearer TOKEN", "authorization: Basic eDp5"],
            ["Authorization: Bearer T\u{00C3}KEN"],
            ["Authorization: Bearer " + String(repeating: "a", count: 4097)],
        ]
    )
    func malformedCredential(_ fields: [String]) async throws {
        try await withGateway(tokens: ["t": ["jobs:read"]]) { gateway async throws in
            let secret = try #require(gateway.secrets["t"])
            let answer = try await gateway.request(
                "GET",
                "/jobs/42/progress",
                fields.map { $0.replacing("TOKEN", with: secret) }
            )
            #expect(answer.status == 400)
            #expect(answer["www-authenticate"] == Self.realm + #", error="invalid_request""#)
            #expect(answer.body.hasPrefix(#"{"error_code":"INVALID_REQUEST","#))
            #expect(gateway.server.questions.isEmpty)
            #expect(!gateway.log.text.contains(secret))
        }
    }

    @Test("The scheme is read in any case", arguments: ["bearer", "BEARER", "bEaReR"])
    func scheme(_ scheme: String) async throws {
        try await withGateway(tokens: ["t": ["jobs:read"]]) { gateway async throws in
            let secret = try #require(gateway.secrets["t"])
            let answer = try await gateway.request(
                "GET",
                "/jobs/42/progress",
                ["Authorization: \(scheme) \(secret)"]
            )
            #expect(answer.status == 200)
        }
    }

    @Test func aTokenElsewhereThanInItsFieldIsNone() async throws {
        try await withGateway(tokens: ["t": ["jobs:read"]]) { gateway async throws in
            let secret = try #require(gateway.secrets["t"])
            let answer = try await gateway.request(
                "GET",
                "/jobs/42/progress?access_token=\(secret)",
                ["X-Api-Key: \(secret)"]
            )
            #expect(answer.status == 401)
        }
    }

    @Test func anInvalidTokenIsNotAnonymous() async throws {
        try await withGateway(anonymous: [.jobs]) { gateway async throws in
            let answer = try await gateway.get("/jobs/42/progress", token: APIToken.random().text)
            #expect(answer.status == 401)
        }
    }

    @Test func aChangeOfTheFileTakesEffectWithoutARestart() async throws {
        var limits = GatewayLimits()
        limits.tokenPollInterval = .milliseconds(5)
        try await withGateway(tokens: ["t": ["jobs:read"]], limits: limits) {
            gateway async throws in
            let secret = try #require(gateway.secrets["t"])
            #expect(try await gateway.get("/jobs/42/progress", token: secret).status == 200)
            _ = try gateway.tokens.revoke("t")
            // Bounded by the suite's time limit.
            while try await gateway.get("/jobs/42/progress", token: secret).status == 200 {}
            let other = try gateway.tokens.create(name: "u", scopes: [.jobs], notAfter: nil).secret
            while try await gateway.get("/jobs/42/progress", token: other).status == 401 {}
            #expect(try await gateway.get("/jobs/42/progress", token: secret).status == 401)
        }
    }

    @Test func aServerThatTrustsNoGatewayIsOurMistakeAndNotTheCallers() async throws {
        try await withGateway(anonymous: [.jobs], peers: { _ in .observer }) {
            gateway async throws in
            let answer = try await gateway.request("GET", "/jobs/42/progress")
            #expect(answer.status == 500)
            #expect(answer.body.contains("INTERNAL_ERROR"))
        }
    }
}
