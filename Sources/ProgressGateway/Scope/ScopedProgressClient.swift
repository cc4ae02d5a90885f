import ProgressRPC
import ProgressTokens

/// The server as one principal may see it: the only way for a route to ask.
///
/// Every call carries the principal's scope, which the server applies to each row. What comes back
/// is checked against it once more, so that a mistake there shows nothing here.
struct ScopedProgressClient: Sendable {
    private let client: ProgressClient
    /// For calls that wait: with a connection of their own, where they take nobody's place.
    private let waitingClient: ProgressClient
    /// Longest wait for an answer, apart from what the caller asks to wait.
    private let timeout: Duration

    init(client: ProgressClient, waitingClient: ProgressClient, timeout: Duration) {
        self.client = client
        self.waitingClient = waitingClient
        self.timeout = timeout
    }

    /// Reads the progress of a job.
    ///
    /// - Returns: `nil` if the progress is still that of the known version.
    /// - Throws: ``HTTPFailure``; a job out of scope fails like one that does not exist.
    func jobProgress(
        _ id: JobID,
        _ terms: ReadingTerms,
        for caller: Caller
    ) async throws(HTTPFailure) -> PBJobProgress? {
        guard !caller.principal.grants.coversNoJob else {
            throw .jobNotFound(id).because("the principal's scopes cover no job")
        }
        let client = terms.wait > .zero ? self.waitingClient : self.client
        let progress: PBJobProgress?
        do {
            progress = try await client.jobProgress(
                id.rawValue,
                knownVersion: terms.knownVersion,
                maxStaleness: terms.maxStaleness,
                wait: terms.wait,
                options: self.options(for: caller)
            )
        } catch {
            throw HTTPFailure(error, for: id)
        }
        guard progress != nil || !terms.knownVersion.isEmpty else {
            throw .badGateway.because("the server knows a version that it was not asked about")
        }
        if let progress {
            try ScopeCheck.verify(progress, of: id, against: caller.principal.grants)
        }
        return progress
    }

    /// Reads the progress of several jobs at one moment.
    ///
    /// - Throws: ``HTTPFailure`` if there is no answer at all; what befalls one job is in the reading.
    func jobProgressBatch(
        _ ids: [JobID],
        maxStaleness: Duration,
        for caller: Caller
    ) async throws(HTTPFailure) -> BatchReading {
        let grants = caller.principal.grants
        guard !grants.coversNoJob else { return BatchReading(hiding: ids) }
        let response: PBGetJobProgressBatchResponse
        do {
            response = try await self.client.jobProgressBatch(
                ids.map { PBKnownJob($0.rawValue) },
                maxStaleness: maxStaleness,
                options: self.options(for: caller)
            )
        } catch {
            throw HTTPFailure(ofBatch: error)
        }
        return try BatchReading(response, to: ids, within: grants)
    }

    private func options(for caller: Caller) -> CallOptions {
        CallOptions(
            timeout: self.timeout,
            scope: PBScope(caller.principal.grants),
            caller: "\(caller.principal.label) \(caller.requestID)",
            traceparent: caller.trace?.text ?? ""
        )
    }
}
