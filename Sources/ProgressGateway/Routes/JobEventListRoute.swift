import HTTPTypes
import Hummingbird
import ProgressJSON
import ProgressRPC

/// Answers `GET /jobs/{id}/events`.
struct JobEventListRoute: Sendable {
    let client: ScopedProgressClient

    /// - Parameter match: The id as the path has it, and the query.
    /// - Throws: ``HTTPFailure``
    func answer(_ match: Endpoint.Match, caller: Caller) async throws(HTTPFailure) -> Response {
        let id = try JobID(segment: match.parameters[0])
        let page = try PageRequest(match.query, .jobEvents)
        let response = try await self.client.jobEvents(of: id, page, for: caller)
        let next = try PageRequest.next(response.nextCursor)
        return Response(
            status: .ok,
            headers: HTTPFields(
                unkeptJSONBefore: next.map { page.target("/jobs/\(id)/events", behind: $0) }
            ),
            body: .init(
                byteBuffer: JobEventJSON.encode(
                    response.events,
                    of: id.rawValue,
                    nextCursor: next
                )
            )
        )
    }
}
