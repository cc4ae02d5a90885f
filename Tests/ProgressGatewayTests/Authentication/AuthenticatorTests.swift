import FoundationEssentials
import HTTPTypes
import Logging
import ProgressTokens
import Testing

@testable import ProgressGateway

struct AuthenticatorTests {
    private static let now = Date(timeIntervalSince1970: 1_800_000_000)

    private static func withTokens(
        _ body: (TokenFileStore, () throws -> Authenticator) throws -> Void
    ) throws {
        try withTemporaryDirectory { directory in
            let store = TokenFileStore(path: directory + "/tokens.json")
            try body(store) {
                Authenticator(
                    tokens: try TokenSource(store: store, logger: Logger(label: "test")),
                    anonymous: nil
                )
            }
        }
    }

    @Test func aPrincipalIsNamedByItsTokensID() throws {
        try Self.withTokens { store, authenticator in
            let created = try store.create(name: "t", scopes: [.details], notAfter: nil)
            let principal = try authenticator().authenticate(
                [.authorization: "Bearer \(created.secret)"],
                at: Self.now
            )
            #expect(principal.label == "tok:\(created.record.id)")
            #expect(principal.scopes == [.details])
            #expect(principal.grants == Grants([.details]))
            #expect(principal.notAfter == nil)
        }
    }

    @Test func anExpiredTokenIsRefusedLikeAnUnknownOneAndTheLogTellsThemApart() throws {
        try Self.withTokens { store, authenticator in
            let created = try store.create(name: "t", scopes: [.jobs], notAfter: Self.now)
            let authenticator = try authenticator()
            let fields: HTTPFields = [.authorization: "Bearer \(created.secret)"]
            #expect(throws: Never.self) { try authenticator.authenticate(fields, at: Self.now) }
            let expired = #expect(throws: HTTPFailure.self) {
                try authenticator.authenticate(fields, at: Self.now.addingTimeInterval(0.001))
            }
            let unknown = #expect(throws: HTTPFailure.self) {
                try authenticator.authenticate(
                    [.authorization: "Bearer \(APIToken.random().text)"],
                    at: Self.now
                )
            }
            #expect(expired?.body == unknown?.body)
            #expect(expired?.headers == unknown?.headers)
            #expect(expired?.reason == "token '\(created.record.id)' has expired")
            #expect(unknown?.reason?.hasPrefix("no token has the id") == true)
        }
    }

    @Test func withoutTokensNoTokenIsValid() {
        let authenticator = Authenticator(tokens: nil, anonymous: Principal(anonymous: [.jobs]))
        #expect(throws: HTTPFailure.invalidToken.because("no tokens are configured")) {
            try authenticator.authenticate([.authorization: "Bearer x"], at: Self.now)
        }
    }

    @Test func anAnonymousCallerHasTheGrantsThatAreConfigured() throws {
        let authenticator = Authenticator(tokens: nil, anonymous: Principal(anonymous: [.jobs]))
        let principal = try authenticator.authenticate([:], at: Self.now)
        #expect(principal == Principal(anonymous: [.jobs]))
        #expect(principal.label == "anon")
    }
}
