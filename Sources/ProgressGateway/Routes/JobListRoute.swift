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
        let filter = try Self.filter(status)
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

    /// - Parameter status: Percent-decoded; `nil`: the jobs that are active.
    /// - Throws: ``HTTPFailure`` 400 `INVALID_QUERY_PARAMETERS`.
    static func filter(_ status: [UInt8]?) throws(HTTPFailure) -> JobStatusFilter {
        guard let status else { return .active }
        do {
            return try JobStatusFilter(parsing: String(decoding: status, as: UTF8.self))
        } catch {
            throw .invalidQueryParameters(
                "status has '\(HTTPFailure.shown(Array(error.word.utf8)))'; it must be active, all, "
                    + "or with commas between them: "
                    + JobStatus.listed.map(\.rawValue).joined(separator: ", ")
            )
        }
    }
}
