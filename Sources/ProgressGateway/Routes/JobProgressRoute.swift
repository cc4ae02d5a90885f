import HTTPTypes
import Hummingbird
import ProgressJSON
import ProgressRPC

/// Answers `GET /jobs/{id}/progress`.
struct JobProgressRoute: Sendable {
    let client: ScopedProgressClient

    /// - Parameter match: The id as the path has it, and the query.
    /// - Throws: ``HTTPFailure``
    func answer(
        _ match: Endpoint.Match,
        fields: HTTPFields,
        caller: Caller,
        peerWatch: PeerWatch
    ) async throws(HTTPFailure) -> Response {
        let id = try JobID(segment: match.parameters[0])
        if let parts = try match.query.include() {
            return try await self.answer(id, including: parts, caller: caller)
        }
        let condition = EntityTagCondition(parsing: fields[.ifNoneMatch])
        let terms = try ReadingTerms(
            match.query,
            condition,
            isConditional: fields.contains(.ifNoneMatch)
        )
        let progress =
            if terms.wait > .zero {
                try await peerWatch.whileWaited { () async throws(HTTPFailure) in
                    try await self.client.jobProgress(id, terms, for: caller)
                }
            } else {
                try await self.client.jobProgress(id, terms, for: caller)
            }
        let tag =
            if let progress {
                EntityTag(version: progress.version)
            } else {
                EntityTag(version: condition.knownVersion)
            }
        var headers = HTTPFields(answerTagged: tag, age: nil)
        guard let progress, !condition.isMet(by: tag) else {
            return Response(status: .notModified, headers: headers)
        }
        headers = HTTPFields(answerTagged: tag, age: progress.hasAgeUs ? progress.ageUs : nil)
        headers[.contentType] = "application/json"
        return Response(
            status: .ok,
            headers: headers,
            body: .init(byteBuffer: ProgressJSON.encode(progress))
        )
    }

    /// The progress and what more the files tell; without a tag, as it changes with the time.
    private func answer(
        _ id: JobID,
        including parts: OutlookParts,
        caller: Caller
    ) async throws(HTTPFailure) -> Response {
        let progress = try await self.client.fullJobProgress(id, for: caller)
        var headers = HTTPFields(answerTagged: nil, age: nil)
        headers[.contentType] = "application/json"
        return Response(
            status: .ok,
            headers: headers,
            body: .init(byteBuffer: ProgressJSON.encode(progress, including: parts))
        )
    }
}
