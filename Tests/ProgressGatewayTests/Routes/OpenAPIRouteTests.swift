import HTTPTypes
import HummingbirdCore
import Testing

@testable import ProgressGateway

struct OpenAPIRouteTests {
    private static func answer(_ condition: String? = nil) -> (status: Int, HTTPFields, Int?) {
        var fields = HTTPFields()
        fields[.ifNoneMatch] = condition
        let response = OpenAPIRoute.answer(fields)
        return (response.status.code, response.headers, response.body.contentLength)
    }

    /// What is embedded is a link to it.
    @Test func theProgramHasTheDocumentOfTheRepository() throws {
        #expect(PackageResources.openapi_json == Array(try OpenAPIDocument().text.utf8))
    }

    @Test func anyoneMayKeepItAndAskWhetherItStillStands() throws {
        let (status, fields, byteCount) = Self.answer()
        #expect(status == 200)
        #expect(fields[.contentType] == "application/json")
        #expect(fields[.cacheControl] == "public, max-age=300")
        #expect(byteCount == PackageResources.openapi_json.count)
        let tag = try #require(fields[.eTag])
        for condition in [tag, "W/\(tag)", "\"other\", \(tag)", "*"] {
            let (status, kept, byteCount) = Self.answer(condition)
            #expect(status == 304, "\(condition)")
            #expect(kept[.eTag] == tag && kept[.cacheControl] == fields[.cacheControl])
            #expect(kept[.contentType] == nil && byteCount == 0)
        }
        #expect(Self.answer("\"00000000000000000000000000000000\"").status == 200)
    }
}
