import ProgressRPC
import ProgressTokens
import Testing

@testable import ProgressGateway

struct ScopeCheckTests {
    /// What a table's dataset is to a caller's scopes, and whether an answer with it may leave.
    @Test(
        "An answer leaves only if every table is covered",
        arguments: [
            ("jobs:read", "ethereum", "mainnet", true),
            ("admin:read", "", "", true),
            ("datasets:*/*:read", "", "", true),
            ("datasets:ethereum/mainnet:read", "ethereum", "mainnet", true),
            ("datasets:ethereum/*:read", "ethereum", "mainnet", true),
            ("datasets:ethereum/mainnet:read", "ethereum", "", false),
            ("datasets:ethereum/mainnet:read", "", "mainnet", false),
            ("datasets:ethereum/*:read", "base", "mainnet", false),
            ("datasets:ethereum/mainnet:read", "ethereum", "mainnet2", false),
            ("details:read", "ethereum", "mainnet", false),
        ]
    )
    func verify(scope: String, namespace: String, name: String, isCovered: Bool) throws {
        let grants = Grants([try Scope(parsing: scope)])
        let id = try JobID(segment: "42".utf8)
        var progress = PBJobProgress.sample()
        progress.tables = [.sample("t", dataset: (namespace, name))]
        let failure: HTTPFailure?
        do {
            try ScopeCheck.verify(progress, of: id, against: grants)
            failure = nil
        } catch {
            failure = error
        }
        #expect((failure == nil) == isCovered)
        #expect(isCovered || failure?.code == "SCOPE_VIOLATION")
    }

    @Test(
        "A job says what was scheduled only where its own dataset is covered",
        arguments: [
            ("jobs:read", "", "", true, true), ("jobs:read", "base", "mainnet", true, true),
            ("datasets:base/*:read", "base", "mainnet", true, true),
            ("datasets:base/*:read", "ethereum", "mainnet", true, false),
            ("datasets:base/*:read", "ethereum", "mainnet", false, true),
            ("datasets:base/*:read", "", "", false, true),
            ("datasets:base/*:read", "", "", true, false),
        ]
    )
    func descriptor(
        scope: String,
        namespace: String,
        name: String,
        hasDescriptor: Bool,
        isLetThrough: Bool
    ) throws {
        let grants = Grants([try Scope(parsing: scope)])
        let job = PBJob.sample(
            descriptor: hasDescriptor ? "{}" : nil,
            dataset: (namespace, name)
        )
        let failure: HTTPFailure?
        do {
            try ScopeCheck.verify([.sample(43, descriptor: nil), job], against: grants)
            failure = nil
        } catch {
            failure = error
        }
        #expect(failure?.code == (isLetThrough ? nil : "SCOPE_VIOLATION"))
    }

    @Test func theAnswerOfAnotherJobIsWithheld() throws {
        let id = try JobID(segment: "43".utf8)
        #expect(throws: HTTPFailure.scopeViolation.because("the server answered for job 42")) {
            try ScopeCheck.verify(.sample(42), of: id, against: Grants([.jobs]))
        }
    }

    @Test(
        "Grants become the predicate that the server applies",
        arguments: [
            (["jobs:read"], "all"), (["admin:read"], "all details"),
            (["datasets:*/*:read"], "/"), (["datasets:a/b:read", "datasets:c/*:read"], "a/b c/"),
            (["datasets:*/b:read", "details:read"], "/b details"), (["metrics:read"], ""),
            (["jobs:read", "datasets:a/b:read"], "all"),
        ]
    )
    func predicate(scopes: [String], expected: String) throws {
        let scope = PBScope(Grants(try scopes.map { try Scope(parsing: $0) }))
        var words = scope.all ? ["all"] : []
        words += scope.datasets.map { "\($0.namespace)/\($0.name)" }
        if scope.details { words.append("details") }
        #expect(words.joined(separator: " ") == expected)
    }
}
