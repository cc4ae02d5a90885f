import Foundation
import HTTPTypes
import HummingbirdCore
import ProgressRPC
import Testing

@testable import ProgressGateway

struct PageRouteTests {
    private static let routes: [(file: String, route: PageRoute, type: String)] = [
        ("index.html", .html, "text/html; charset=utf-8"),
        ("page.css", .style, "text/css; charset=utf-8"),
        ("page.js", .script, "text/javascript; charset=utf-8"),
    ]

    /// The file as it is in the repository.
    private static func text(_ name: String) throws -> String {
        let file = URL(filePath: #filePath).deletingLastPathComponent()
            .appending(path: "../../../Sources/ProgressGateway/Page/\(name)")
        return try String(contentsOf: file, encoding: .utf8)
    }

    private static func answer(
        _ route: PageRoute,
        _ condition: String? = nil
    ) -> (status: Int, fields: HTTPFields, byteCount: Int?) {
        var fields = HTTPFields()
        fields[.ifNoneMatch] = condition
        let response = route.answer(fields)
        return (response.status.code, response.headers, response.body.contentLength)
    }

    @Test func allOfItHasAtMost20KiB() throws {
        let total = Self.routes.compactMap { Self.answer($0.route).byteCount }.reduce(0, +)
        #expect(total <= 20 << 10)
        for (name, route, _) in Self.routes {
            #expect(Self.answer(route).byteCount == (try Self.text(name)).utf8.count, "\(name)")
        }
    }

    @Test func itIsConfinedAndAskedForAgainAtEachLoad() throws {
        for (name, route, type) in Self.routes {
            let (status, fields, _) = Self.answer(route)
            #expect(status == 200, "\(name)")
            #expect(fields[.contentType] == type)
            #expect(fields[.cacheControl] == "no-cache")
            #expect(fields[.xContentTypeOptions] == "nosniff")
            #expect(fields[.referrerPolicy] == "no-referrer")
            let policy = try #require(fields[.contentSecurityPolicy])
            let rules = policy.split(separator: "; ").map(String.init)
            for rule in [
                "default-src 'none'", "script-src 'self'", "style-src 'self'", "connect-src 'self'",
                "base-uri 'none'", "form-action 'none'", "frame-ancestors 'none'",
            ] {
                #expect(rules.contains(rule), "\(rule)")
            }
            #expect(!policy.contains("unsafe") && !policy.contains("http"))
        }
    }

    @Test func itsTagsNameItsFiles() throws {
        var tags: Set<String> = []
        for (name, route, _) in Self.routes {
            let fields = Self.answer(route).fields
            let tag = try #require(fields[.eTag])
            tags.insert(tag)
            for condition in [tag, "W/\(tag)", "\"other\", \(tag)", "*"] {
                let (status, kept, byteCount) = Self.answer(route, condition)
                #expect(status == 304, "\(name) \(condition)")
                #expect(kept[.eTag] == tag && kept[.cacheControl] == fields[.cacheControl])
                #expect(kept[.contentSecurityPolicy] == fields[.contentSecurityPolicy])
                #expect(kept[.contentType] == nil && byteCount == 0)
            }
            #expect(Self.answer(route, "\"00000000000000000000000000000000\"").status == 200)
        }
        #expect(tags.count == Self.routes.count)
    }

    @Test func nothingInTheDocumentIsCodeOrStyle() throws {
        let page = try Self.text("index.html")
        let scripts = page.matches(of: /<script([^>]*)>/)
        #expect(scripts.map { String($0.1) } == [#" src="/ui/page.js" defer"#])
        #expect(page.contains(#"<script src="/ui/page.js" defer></script>"#))
        #expect(!page.contains("<style"))
        #expect(page.firstMatch(of: /\sstyle\s*=/) == nil)
        #expect(page.firstMatch(of: /\son[a-z]+\s*=/) == nil)
        #expect(page.firstMatch(of: /javascript:|https?:\/\/(?!www\.w3\.org\/2000\/svg)/) == nil)
    }

    @Test func theScriptSetsNoMarkupAndKeepsNoCookie() throws {
        let script = try Self.text("page.js")
        for word in [
            "innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "DOMParser", "eval(",
            "Function(", "setAttribute", "srcdoc", "localStorage", "document.cookie", "import(",
        ] {
            #expect(!script.contains(word), "\(word)")
        }
    }

    @Test func theScriptKnowsEveryStatusAndNoOther() throws {
        let script = try Self.text("page.js")
        let groups = try #require(script.firstMatch(of: /const GROUPS = \{([^}]*)\};/)).1
        let named = groups.matches(of: /[A-Z_]{3,}/).map { String($0.0) }
        #expect(named.sorted() == JobStatus.listed.map(\.rawValue).sorted())
    }
}
