import Testing

@testable import ProgressTokens

struct ScopeTests {
    @Test(
        "A scope is written as it was read",
        arguments: [
            "jobs:read", "details:read", "metrics:read", "admin:read", "datasets:*/*:read",
            "datasets:ethereum/*:read", "datasets:*/mainnet:read", "datasets:a_1/_b2:read",
            "datasets:0x/a:read",
        ]
    )
    func roundTrip(_ text: String) throws {
        #expect(try Scope(parsing: text).description == text)
    }

    @Test(
        "What is not in the grammar is refused and named",
        arguments: [
            "", "jobs", "jobs:write", "Jobs:read", " jobs:read", "jobs:read ", "datasets:read",
            "datasets::read", "datasets:a:read", "datasets:a/b", "datasets:a/b:write",
            "datasets:a/b/c:read", "datasets:/b:read", "datasets:a/:read", "datasets:a*/b:read",
            "datasets:**/b:read", "datasets:A/b:read", "datasets:a/1b:read", "datasets:a/b-c:read",
            "datasets:a/b:read:read", "datasets:é/b:read", "datasets:a/\u{0661}:read", "*",
        ]
    )
    func refused(_ text: String) {
        #expect(throws: ScopeError(text: text)) { try Scope(parsing: text) }
    }

    @Test func theRefusalSaysWhatIsAllowed() {
        #expect(
            ScopeError(text: "read").description
                == "'read' is not a scope; allowed are jobs:read, datasets:<namespace>/<name>:read "
                + "with '*' for a whole part, details:read, metrics:read and admin:read"
        )
    }
}

struct GrantsTests {
    private static func grants(_ scopes: String...) throws -> Grants {
        Grants(try scopes.map { try Scope(parsing: $0) })
    }

    @Test(
        "A dataset is covered by its name, its namespace or both",
        arguments: [
            ("datasets:eth/main:read", "eth", "main", true),
            ("datasets:eth/main:read", "eth", "main2", false),
            ("datasets:eth/main:read", "eth2", "main", false),
            ("datasets:eth/main:read", "main", "eth", false),
            ("datasets:eth/*:read", "eth", "anything", true),
            ("datasets:eth/*:read", "ethereum", "main", false),
            ("datasets:*/main:read", "base", "main", true),
            ("datasets:*/main:read", "main", "base", false),
            ("datasets:*/*:read", "", "", true),
            ("jobs:read", "any", "any", true),
            ("admin:read", "any", "any", true),
            ("details:read", "eth", "main", false),
            ("metrics:read", "eth", "main", false),
        ]
    )
    func cover(scope: String, namespace: String, name: String, expected: Bool) throws {
        #expect(try Self.grants(scope).cover(namespace: namespace, name: name) == expected)
    }

    @Test func onlyJobsAndAdminReachJobsOfUnknownDatasets() throws {
        #expect(try Self.grants("jobs:read").coversEverything)
        #expect(try Self.grants("admin:read").coversEverything)
        #expect(try !Self.grants("datasets:*/*:read").coversEverything)
    }

    @Test func grantsAreTheUnionOfTheirScopes() throws {
        let grants = try Self.grants(
            "datasets:a/b:read",
            "datasets:c/*:read",
            "datasets:a/b:read",
            "details:read"
        )
        #expect(grants.patterns.map(\.description) == ["a/b", "c/*"])
        #expect(grants.coversDetails)
        #expect(!grants.coversMetrics)
        #expect(!grants.coversNoJob)
    }

    @Test func figuresAloneOpenNoJob() throws {
        #expect(try Self.grants("metrics:read", "details:read").coversNoJob)
    }

    @Test func adminCoversAll() throws {
        let grants = try Self.grants("admin:read")
        #expect(grants.coversDetails && grants.coversMetrics && grants.coversEverything)
    }

    @Test func namesAreComparedByBytes() throws {
        #expect(try !Self.grants("datasets:k/b:read").cover(namespace: "\u{212A}", name: "b"))
    }
}
