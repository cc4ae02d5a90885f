import FoundationEssentials
import ProgressTokens
import Testing

@testable import ProgressGateway

@Suite(.serialized, .timeLimit(.minutes(1)))
struct WhoAmITests {
    @Test func aTokenIsToldItsNameInTheLogItsScopesAndItsEnd() async throws {
        var limits = GatewayLimits()
        limits.tokenPollInterval = .milliseconds(5)
        try await withGateway(
            tokens: ["t": ["datasets:base/*:read", "details:read"]],
            limits: limits,
            isServerUp: false
        ) { gateway async throws in
            let token = try #require(gateway.secrets["t"])
            let answer = try await gateway.get("/whoami", token: token)
            #expect(answer.status == 200)
            #expect(answer["content-type"] == "application/json")
            #expect(answer["cache-control"] == "no-store")
            let label = try #require(gateway.log.requests.first?["principal"] as? String)
            #expect(label.hasPrefix("tok:"))
            #expect(
                answer.body
                    == #"{"principal":"\#(label)","scopes":["datasets:base/*:read","#
                    + #""details:read"],"expires_at":null}"#
            )
            let created = try gateway.tokens.create(
                name: "u",
                scopes: [.admin],
                notAfter: Date(timeIntervalSince1970: 4_107_542_400)
            )
            // Bounded by the suite's time limit.
            while try await gateway.get("/whoami", token: created.secret).status == 401 {}
            #expect(
                try await gateway.get("/whoami", token: created.secret).body
                    == #"{"principal":"tok:\#(created.record.id)","scopes":["admin:read"],"#
                    + #""expires_at":"2100-03-01T00:00:00+00:00"}"#
            )
        }
    }

    @Test func aCallerWithoutATokenIsToldWhatItMayDo() async throws {
        try await withGateway(anonymous: [.jobs, .details]) { gateway async throws in
            let answer = try await gateway.request("GET", "/whoami")
            #expect(
                answer.body
                    == #"{"principal":"anon","scopes":["jobs:read","details:read"],"#
                    + #""expires_at":null}"#
            )
            let head = try await gateway.request("HEAD", "/whoami")
            #expect(head.comparable.fields == answer.comparable.fields)
        }
    }

    @Test func whoHasNoCredentialOrABadOneIsRefused() async throws {
        try await withGateway { gateway async throws in
            #expect(try await gateway.request("GET", "/whoami").status == 401)
            let other = APIToken.random().text
            #expect(try await gateway.get("/whoami", token: other).status == 401)
        }
    }
}
