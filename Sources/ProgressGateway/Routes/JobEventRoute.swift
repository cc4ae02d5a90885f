import HTTPTypes
import Hummingbird
import ProgressJSON

/// Answers `GET /jobs/{id}/events/{event_id}`.
struct JobEventRoute: Sendable {
    let client: ScopedProgressClient

    /// - Parameter match: Both ids as the path has them.
    /// - Throws: ``HTTPFailure``
    func answer(_ match: Endpoint.Match, caller: Caller) async throws(HTTPFailure) -> Response {
        let id = try JobID(
            segment: match.parameters[0],
            refusedAs: HTTPFailure.invalidPathParameters
        )
        let event = try await self.client.jobEvent(
            try EventID(segment: match.parameters[1]),
            of: id,
            for: caller
        )
        return Response(
            status: .ok,
            headers: HTTPFields(unkeptJSONBefore: nil),
            body: .init(byteBuffer: JobEventJSON.encode(event, of: id.rawValue))
        )
    }
}
