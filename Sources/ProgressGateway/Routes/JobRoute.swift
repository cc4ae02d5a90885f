import HTTPTypes
import Hummingbird
import ProgressJSON

/// Answers `GET /jobs/{id}`.
struct JobRoute: Sendable {
    let client: ScopedProgressClient

    /// - Parameter match: The id as the path has it.
    /// - Throws: ``HTTPFailure``
    func answer(_ match: Endpoint.Match, caller: Caller) async throws(HTTPFailure) -> Response {
        let id = try JobID(segment: match.parameters[0])
        let job = try await self.client.job(id, for: caller)
        return Response(
            status: .ok,
            headers: HTTPFields(unkeptJSONBefore: nil),
            body: .init(byteBuffer: JobJSON.encode(job))
        )
    }
}
