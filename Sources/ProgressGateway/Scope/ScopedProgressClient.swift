import ProgressRPC
import ProgressTokens

/// The server as one principal may see it: the only way for a route to ask.
///
/// Every call carries the principal's scope, which the server applies to each row. What comes back
/// is checked against it once more, so that a mistake there shows nothing here.
struct ScopedProgressClient: Sendable {
    private let client: ProgressClient
    /// Longest wait for an answer.
    private let timeout: Duration

    init(client: ProgressClient, timeout: Duration) {
        self.client = client
        self.timeout = timeout
    }

    /// Reads the progress of a job for `principal`.
    ///
    /// - Returns: `nil` if the progress is still that of `knownVersion`.
    /// - Throws: ``HTTPFailure``; a job out of scope fails like one that does not exist.
    func jobProgress(
        _ id: JobID,
        knownVersion: [UInt8],
        for principal: Principal,
        trace: TraceParent?,
        requestID: RequestID
    ) async throws(HTTPFailure) -> PBJobProgress? {
        guard !principal.grants.coversNoJob else {
            throw .jobNotFound(id).because("the principal's scopes cover no job")
        }
        var options = CallOptions()
        options.timeout = self.timeout
        options.scope = PBScope(principal.grants)
        options.caller = "\(principal.label) \(requestID)"
        options.traceparent = trace?.text ?? ""
        let progress: PBJobProgress?
        do {
            progress = try await self.client.jobProgress(
                id.rawValue,
                knownVersion: knownVersion,
                options: options
            )
        } catch {
            throw HTTPFailure(error, for: id)
        }
        guard progress != nil || !knownVersion.isEmpty else {
            throw .badGateway.because("the server knows a version that it was not asked about")
        }
        if let progress { try ScopeCheck.verify(progress, of: id, against: principal.grants) }
        return progress
    }
}
