import AsyncHTTPClient
import FoundationEssentials
import NIOCore
import NIOHTTP1

/// Reads from a gateway by HTTP.
struct GatewayReader: Sendable {
    /// What the path of a request is appended to, without a slash at its end.
    let baseURL: String
    /// A bearer token; `nil` where the gateway asks for none.
    let token: String?
    let timeout: Duration

    /// Largest answer taken, in bytes (16 MiB).
    static let bodyByteLimit = 16 << 20

    /// - Throws: ``ToolError`` of status `usage` if the URL or the token cannot be sent.
    init(baseURL: String, token: String?, timeout: Duration) throws(ToolError) {
        guard Self.isUsable(baseURL) else {
            throw ToolError(
                .usage,
                "the gateway's URL is '\(baseURL)'; it must be http://HOST:PORT or https://…, a "
                    + "port from 1 to 65535, without a user or a query"
            )
        }
        guard token?.utf8.allSatisfy({ 0x21...0x7E ~= $0 }) ?? true, token != "" else {
            throw ToolError(
                .usage,
                "the token is empty or holds characters that no header may hold"
            )
        }
        self.baseURL = String(baseURL.reversed().drop { $0 == "/" }.reversed())
        self.token = token
        self.timeout = timeout
    }

    /// Whether a path can be appended and the result be asked for.
    private static func isUsable(_ text: String) -> Bool {
        guard let url = URLComponents(string: text), ["http", "https"].contains(url.scheme),
            let host = url.host, !host.isEmpty
        else { return false }
        return 1...65_535 ~= (url.port ?? 80) && url.user == nil && url.query == nil
            && url.fragment == nil
    }

    /// The bytes of `GET /jobs/{id}/progress`.
    func jobProgress(
        _ id: Int64,
        _ terms: ReadingTerms = ReadingTerms()
    ) async throws(ToolError) -> [UInt8] {
        let first = try await self.answer(to: GatewayPath.jobProgress(id, staleness: terms))
        guard let wait = terms.wait else { return first.body }
        guard let tag = first.tag else {
            throw ToolError(.failure, "the gateway's answer has no ETag to wait with")
        }
        // The gateway takes whole seconds.
        let (seconds, rest) = wait.components
        let second = try await self.answer(
            to: "/jobs/\(id)/progress?wait=\(seconds + (rest > 0 ? 1 : 0))",
            unless: tag,
            in: self.timeout + wait + .seconds(1)
        )
        return second.status == 304 ? first.body : second.body
    }

    /// The bytes of `GET /jobs/progress`.
    func jobProgressBatch(
        _ ids: [Int64],
        _ terms: ReadingTerms
    ) async throws(ToolError) -> [UInt8] {
        try await self.body(of: GatewayPath.jobProgressBatch(ids, staleness: terms))
    }

    /// The bytes of any resource.
    ///
    /// - Parameter path: With its query.
    func body(of path: String) async throws(ToolError) -> [UInt8] {
        try await self.answer(to: path).body
    }

    /// What came back.
    struct Answer {
        var status: UInt
        var tag: String?
        /// When it was given, as its `Date` field has it.
        var date: String?
        var body: [UInt8]
    }

    /// What comes back from a resource, whatever its status.
    ///
    /// - Throws: ``ToolError`` if nothing does.
    func anyAnswer(to path: String) async throws(ToolError) -> Answer {
        try await self.answer(to: self.request(for: path), in: self.timeout)
    }

    private func request(for path: String) -> HTTPClientRequest {
        var request = HTTPClientRequest(url: self.baseURL + path)
        request.headers.add(name: "accept", value: "application/json")
        if let token = self.token {
            request.headers.add(name: "authorization", value: "Bearer \(token)")
        }
        return request
    }

    /// What came back with status 200, or with 304 if the request had a tag.
    ///
    /// - Parameters:
    ///   - tag: Of the answer that is not wanted again.
    ///   - timeout: `nil`: that of every request.
    private func answer(
        to path: String,
        unless tag: String? = nil,
        in timeout: Duration? = nil
    ) async throws(ToolError) -> Answer {
        var request = self.request(for: path)
        if let tag { request.headers.add(name: "if-none-match", value: tag) }
        let answer = try await self.answer(to: request, in: timeout ?? self.timeout)
        guard answer.status == 200 || (answer.status == 304 && tag != nil) else {
            throw Self.error(status: answer.status, body: answer.body)
        }
        return answer
    }

    private func answer(
        to request: HTTPClientRequest,
        in timeout: Duration
    ) async throws(ToolError) -> Answer {
        // A redirection would carry the token to who knows whom.
        var configuration = HTTPClient.Configuration(redirectConfiguration: .disallow)
        // Nobody at the port is an answer, not a reason to try until the time is over.
        configuration.connectionPool.retryConnectionEstablishment = false
        let client = HTTPClient(
            eventLoopGroupProvider: .singleton,
            configuration: configuration
        )
        let answer: Result<Answer, any Error>
        do {
            let response = try await client.execute(request, timeout: .init(timeout))
            var body = try await response.body.collect(upTo: Self.bodyByteLimit)
            let bytes = body.readBytes(length: body.readableBytes) ?? []
            answer = .success(
                Answer(
                    status: response.status.code,
                    tag: response.headers.first(name: "etag"),
                    date: response.headers.first(name: "date"),
                    body: bytes
                )
            )
        } catch {
            answer = .failure(error)
        }
        try? await client.shutdown()
        switch answer {
        case .success(let answer): return answer
        case .failure(let error): throw self.explained(error, after: timeout)
        }
    }

    private func explained(_ error: any Error, after timeout: Duration) -> ToolError {
        switch error {
        case let error as HTTPClientError
        where [.deadlineExceeded, .connectTimeout, .readTimeout].contains(error):
            ToolError(
                .unavailable,
                "no answer from \(self.baseURL) within \(spoken(timeout))"
            )
        case is NIOTooManyBytesError:
            ToolError(
                .failure,
                "the answer is longer than \(byteCountText(Int64(Self.bodyByteLimit)))"
            )
        default:
            ToolError(
                .unavailable,
                "cannot reach the gateway at \(self.baseURL)",
                remedy: "is it running? --admin-url or AMP_ADMIN_URL names it, --socket a server"
            )
        }
    }

    /// What an answer that is no success means to the caller.
    static func error(status: UInt, body: [UInt8]) -> ToolError {
        let document = try? JSONDecoder().decode(ErrorDocument.self, from: Data(body))
        let message = document?.message ?? "the gateway answered with status \(status)"
        switch status {
        case 401:
            return ToolError(
                .notAuthorised,
                message,
                remedy: "give a token with --token-file, AMP_AUTH_TOKEN or --auth-token"
            )
        case 403:
            return ToolError(.notAuthorised, message)
        case 404 where document?.code.hasSuffix("_NOT_FOUND") ?? false:
            return ToolError(.notFound, message)
        case 404:
            return .nothingThere
        case 429, 502, 503, 504:
            return ToolError(.unavailable, message)
        default:
            return ToolError(.failure, document.map { "\($0.code): \(message)" } ?? message)
        }
    }
}

extension ToolError {
    /// The path, not what it names, is unknown to whoever answers.
    static let nothingThere = Self(
        .failure,
        "the answer is 404: there is no such path",
        remedy: "do --admin-url or AMP_ADMIN_URL name a gateway, of this release?"
    )
}
