import Crypto
import HTTPTypes
import Hummingbird

/// Answers `GET /`, `/ui/jobs/{id}` and what the page there loads, with files that the program was
/// built with.
///
/// The page is the same for everyone and holds no data: its script asks the other routes, with the
/// token of who looks at it.
struct PageRoute: Sendable {
    static let html = Self(PackageResources.index_html, "text/html; charset=utf-8")
    static let style = Self(PackageResources.page_css, "text/css; charset=utf-8")
    static let script = Self(PackageResources.page_js, "text/javascript; charset=utf-8")

    /// Allows scripts, styles and requests of the same origin and nothing else.
    ///
    /// So what a database has for a name cannot run, load or send anything. The icon is an image in
    /// the page itself.
    static let contentSecurityPolicy = """
        default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; \
        img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; \
        require-trusted-types-for 'script'
        """

    private let bytes: ByteBuffer
    private let contentType: String
    /// Names the bytes, so that two builds of one file agree.
    private let tag: EntityTag?

    private init(_ bytes: [UInt8], _ contentType: String) {
        self.bytes = ByteBuffer(bytes: bytes)
        self.contentType = contentType
        self.tag = EntityTag(version: Array(SHA256.hash(data: bytes)).prefix(16))
    }

    /// - Parameter fields: Those of the request.
    func answer(_ fields: HTTPFields) -> Response {
        // Asked for again at each load, so that page, style and script are of one version; mostly 304.
        var headers: HTTPFields = [
            .cacheControl: "no-cache",
            .contentSecurityPolicy: Self.contentSecurityPolicy,
            .xContentTypeOptions: "nosniff",
            .referrerPolicy: "no-referrer",
        ]
        headers[.eTag] = self.tag?.headerValue
        guard !EntityTagCondition(parsing: fields[.ifNoneMatch]).isMet(by: self.tag) else {
            return Response(status: .notModified, headers: headers)
        }
        headers[.contentType] = self.contentType
        return Response(status: .ok, headers: headers, body: .init(byteBuffer: self.bytes))
    }
}
