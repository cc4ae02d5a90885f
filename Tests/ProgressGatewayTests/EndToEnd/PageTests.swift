import ProgressTokens
import Testing

@testable import ProgressGateway

/// The page over HTTP, which asks neither for a token nor the server.
@Suite(.serialized, .timeLimit(.minutes(1)))
struct PageTests {
    private static let paths = ["/", "/ui/jobs/3", "/ui/jobs/x", "/ui/page.css", "/ui/page.js"]

    @Test func anyoneGetsItWithoutAToken() async throws {
        try await withGateway(isServerUp: false) { gateway async throws in
            for path in Self.paths {
                let answer = try await gateway.request("GET", path)
                #expect(answer.status == 200, "\(path)")
                #expect(answer["content-security-policy"] == PageRoute.contentSecurityPolicy)
                #expect(answer["x-content-type-options"] == "nosniff")
                #expect(answer["referrer-policy"] == "no-referrer")
                #expect(answer["set-cookie"] == nil)
                #expect(answer.body.utf8.count == answer["content-length"].flatMap { Int($0) })
            }
            #expect(gateway.server.questions.isEmpty)
        }
    }

    @Test func aJobHasThePageOfAllJobs() async throws {
        try await withGateway { gateway async throws in
            let page = try await gateway.request("GET", "/")
            #expect(page.body.hasPrefix("<!doctype html>"))
            for path in ["/?status=failed&q=%3Cimg%3E", "/ui/jobs/3", "/ui/jobs/3?q=x"] {
                #expect(try await gateway.request("GET", path).comparable == page.comparable)
            }
        }
    }

    @Test func headHasTheFieldsAndNoBody() async throws {
        try await withGateway { gateway async throws in
            for path in Self.paths {
                let page = try await gateway.request("GET", path)
                let head = try await gateway.request("HEAD", path)
                #expect(head.body.isEmpty)
                #expect(head.comparable.fields == page.comparable.fields, "\(path)")
            }
        }
    }

    @Test func whoHasItGets304() async throws {
        try await withGateway { gateway async throws in
            for path in Self.paths {
                let tag = try #require(try await gateway.request("GET", path)["etag"])
                let answer = try await gateway.request("GET", path, ["If-None-Match: \(tag)"])
                #expect(answer.status == 304, "\(path)")
                #expect(answer.body.isEmpty)
            }
        }
    }

    @Test func itTakesNoOtherMethod() async throws {
        try await withGateway { gateway async throws in
            for path in Self.paths {
                let answer = try await gateway.request("POST", path)
                #expect(answer.status == 405, "\(path)")
                #expect(answer["allow"] == "GET, HEAD")
            }
        }
    }

    @Test(
        "Nothing else is below it",
        arguments: [
            "/ui", "/ui/", "/ui/jobs", "/ui/jobs/", "/ui/jobs/3/", "/ui/index.html", "/index.html",
            "/ui/page.css/", "/ui/../page.css", "/favicon.ico", "//",
        ]
    )
    func notFound(_ path: String) async throws {
        try await withGateway(anonymous: [.jobs]) { gateway async throws in
            #expect(try await gateway.request("GET", path).status == 404)
        }
    }
}
