import HTTPTypes
import Hummingbird
import ProgressJSON

/// Answers `GET /jobs/progress`.
struct JobProgressBatchRoute: Sendable {
    let client: ScopedProgressClient

    /// - Throws: ``HTTPFailure``
    func answer(
        _ query: RequestQuery,
        fields: HTTPFields,
        caller: Caller
    ) async throws(HTTPFailure) -> Response {
        for name in ["wait", "include"] as [StaticString] where query.contains(name) {
            throw .badRequest("\(name) goes only with one job, at /jobs/{id}/progress")
        }
        let ids = try query.jobIDs()
        let reading = try await self.client.jobProgressBatch(
            ids,
            maxStaleness: try query.maxStaleness(),
            for: caller
        )
        let tag = EntityTag(of: reading)
        var headers = HTTPFields(answerTagged: tag, age: reading.age)
        guard !EntityTagCondition(parsing: fields[.ifNoneMatch]).isMet(by: tag) else {
            return Response(status: .notModified, headers: headers)
        }
        headers[.contentType] = "application/json"
        let failures = reading.failures.map { id, failure in
            ProgressJSON.Failure(
                jobID: id.rawValue,
                code: failure.code,
                message: failure.message
            )
        }
        return Response(
            status: .ok,
            headers: headers,
            body: .init(byteBuffer: ProgressJSON.encode(reading.jobs, failures))
        )
    }
}
