import HTTPTypes
import Hummingbird
import ProgressJSON
import ProgressRPC

/// Answers `GET /datasets/{namespace}/{name}/versions/{rev}/jobs`.
struct DatasetJobsRoute: Sendable {
    let client: ScopedProgressClient

    /// - Parameter match: The dataset and its revision as the path has them, and the query.
    /// - Throws: ``HTTPFailure``
    func answer(_ match: Endpoint.Match, caller: Caller) async throws(HTTPFailure) -> Response {
        let dataset = try DatasetReference(
            namespace: match.parameters[0],
            name: match.parameters[1],
            revision: match.parameters[2]
        )
        let page = try PageRequest(match.query, .datasetJobs)
        let response = try await self.client.jobs(of: dataset, page, for: caller)
        let next = try PageRequest.next(response.nextCursor)
        // No character of these three needs to be encoded.
        let path =
            "/datasets/\(dataset.namespace)/\(dataset.name)/versions/\(dataset.revision)/jobs"
        return Response(
            status: .ok,
            headers: HTTPFields(unkeptJSONBefore: next.map { page.target(path, behind: $0) }),
            body: .init(byteBuffer: JobJSON.encode(response.jobs, nextCursor: next))
        )
    }
}
