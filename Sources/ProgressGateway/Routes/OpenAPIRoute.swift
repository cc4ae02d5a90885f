import Crypto
import HTTPTypes
import Hummingbird

/// Answers `GET /openapi.json` with the document that the program was built with.
enum OpenAPIRoute {
    private static let document = ByteBuffer(bytes: PackageResources.openapi_json)
    /// Names the bytes, so that two builds of one document agree.
    private static let tag = EntityTag(
        version: Array(SHA256.hash(data: document.readableBytesView)).prefix(16)
    )

    /// - Parameter fields: Those of the request.
    static func answer(_ fields: HTTPFields) -> Response {
        // Nothing in it depends on the caller, and it changes only with the program.
        var headers: HTTPFields = [.cacheControl: "public, max-age=300"]
        headers[.eTag] = self.tag?.headerValue
        guard !EntityTagCondition(parsing: fields[.ifNoneMatch]).isMet(by: self.tag) else {
            return Response(status: .notModified, headers: headers)
        }
        headers[.contentType] = "application/json"
        return Response(status: .ok, headers: headers, body: .init(byteBuffer: self.document))
    }
}
