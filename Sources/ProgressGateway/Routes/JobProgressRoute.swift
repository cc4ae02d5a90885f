import HTTPTypes
import Hummingbird
import ProgressJSON
import ProgressRPC

/// Answers `GET /jobs/{id}/progress`.
struct JobProgressRoute: Sendable {
    let client: ScopedProgressClient

    /// - Parameter segment: The id as the path has it.
    /// - Throws: ``HTTPFailure``
    func answer(
        _ segment: [UInt8],
        fields: HTTPFields,
        principal: Principal,
        requestID: RequestID
    ) async throws(HTTPFailure) -> Response {
        let id = try JobID(segment: segment)
        let condition = EntityTagCondition(parsing: fields[.ifNoneMatch])
        let progress = try await self.client.jobProgress(
            id,
            knownVersion: condition.knownVersion,
            for: principal,
            trace: fields[.traceparent].flatMap(TraceParent.init),
            requestID: requestID
        )
        var headers: HTTPFields = [
            .cacheControl: "private, no-cache", .vary: "Authorization",
        ]
        let tag =
            if let progress {
                EntityTag(version: progress.version)
            } else {
                EntityTag(version: condition.knownVersion)
            }
        headers[.eTag] = tag?.headerValue
        guard let progress, !condition.isMet(by: tag) else {
            return Response(status: .notModified, headers: headers)
        }
        headers[.contentType] = "application/json"
        return Response(
            status: .ok,
            headers: headers,
            body: .init(byteBuffer: ProgressJSON.encode(progress))
        )
    }
}
