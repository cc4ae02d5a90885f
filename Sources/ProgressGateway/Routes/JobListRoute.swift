import HTTPTypes
import Hummingbird
import ProgressJSON
import ProgressRPC

/// Answers `GET /jobs`.
struct JobListRoute: Sendable {
    let client: ScopedProgressClient

    /// - Throws: ``HTTPFailure``
    func answer(_ query: RequestQuery, caller: Caller) async throws(HTTPFailure) -> Response {
        let page = try PageRequest(query, .jobs)
        let status = try query.value(of: "status", refusedAs: HTTPFailure.invalidQueryParameters)
        let filter = try JobStatusFilter(parsing: status)
        let response = try await self.client.jobs(page, filter, for: caller)
        let next = try PageRequest.next(response.nextCursor)
        return Response(
            status: .ok,
            headers: HTTPFields(
                unkeptJSONBefore: next.map { page.target("/jobs", behind: $0, status: status) }
            ),
            body: .init(byteBuffer: JobJSON.encode(response.jobs, nextCursor: next))
        )
    }
}
