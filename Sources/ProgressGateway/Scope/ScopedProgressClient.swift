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
        try Self.refuse(id, toWhoSeesNoJob: caller)
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

    /// Reads the progress of a job and what more its files tell.
    ///
    /// - Throws: ``HTTPFailure``; a job out of scope fails like one that does not exist.
    func fullJobProgress(
        _ id: JobID,
        for caller: Caller
    ) async throws(HTTPFailure) -> PBJobProgress {
        try Self.refuse(id, toWhoSeesNoJob: caller)
        let progress: PBJobProgress
        do {
            progress = try await self.client.fullJobProgress(
                id.rawValue,
                options: self.options(for: caller)
            )
        } catch {
            throw HTTPFailure(error, for: id)
        }
        try ScopeCheck.verify(progress, of: id, against: caller.principal.grants)
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

    /// Reads what a job is.
    ///
    /// - Throws: ``HTTPFailure``; a job out of scope fails like one that does not exist.
    func job(_ id: JobID, for caller: Caller) async throws(HTTPFailure) -> PBJob {
        try Self.refuse(id, toWhoSeesNoJob: caller)
        let response: PBGetJobResponse
        do {
            response = try await self.client.job(id.rawValue, options: self.options(for: caller))
        } catch {
            throw HTTPFailure(error, for: id)
        }
        try ScopeCheck.verify(answered: response.job.id, is: id)
        try ScopeCheck.verify([response.job], against: caller.principal.grants)
        return response.job
    }

    /// Reads a page of the jobs in scope, from the newest on.
    ///
    /// - Throws: ``HTTPFailure``
    func jobs(
        _ page: PageRequest,
        _ filter: JobStatusFilter,
        for caller: Caller
    ) async throws(HTTPFailure) -> PBListJobsResponse {
        let grants = caller.principal.grants
        guard !grants.coversNoJob else { return PBListJobsResponse() }
        var request = PBListJobsRequest()
        request.limit = page.limit
        request.lastJobID = page.cursor
        request.statuses = filter.statuses.map(\.rawValue)
        let response: PBListJobsResponse
        do {
            response = try await self.client.jobs(request, options: self.options(for: caller))
        } catch {
            throw HTTPFailure(ofPage: error)
        }
        try ScopeCheck.verify(response.jobs, against: grants)
        return response
    }

    /// Reads a page of the jobs that were scheduled for a dataset.
    ///
    /// - Throws: ``HTTPFailure``; a dataset out of scope fails like one that does not exist.
    func jobs(
        of dataset: DatasetReference,
        _ page: PageRequest,
        for caller: Caller
    ) async throws(HTTPFailure) -> PBListDatasetJobsResponse {
        let grants = caller.principal.grants
        guard grants.cover(namespace: dataset.namespace, name: dataset.name) else {
            throw .datasetNotFound(dataset)
                .because("the principal's scopes do not cover the dataset")
        }
        var request = PBListDatasetJobsRequest()
        request.namespace = dataset.namespace
        request.name = dataset.name
        request.revision = dataset.revision
        request.limit = page.limit
        request.lastJobID = page.cursor
        let response: PBListDatasetJobsResponse
        do {
            response = try await self.client.datasetJobs(
                request,
                options: self.options(for: caller)
            )
        } catch {
            throw HTTPFailure(error, for: dataset)
        }
        try ScopeCheck.verify(response.jobs, against: grants)
        return response
    }

    /// Reads a page of what happened to a job.
    ///
    /// - Throws: ``HTTPFailure``; a job out of scope fails like one that does not exist.
    func jobEvents(
        of id: JobID,
        _ page: PageRequest,
        for caller: Caller
    ) async throws(HTTPFailure) -> PBListJobEventsResponse {
        try Self.refuse(id, toWhoSeesNoJob: caller)
        var request = PBListJobEventsRequest()
        request.jobID = id.rawValue
        request.limit = page.limit
        request.lastEventID = page.cursor
        let response: PBListJobEventsResponse
        do {
            response = try await self.client.jobEvents(request, options: self.options(for: caller))
        } catch {
            throw HTTPFailure(ofPage: error, for: id)
        }
        try ScopeCheck.verify(answered: response.jobID, is: id)
        return response
    }

    /// Reads one event of a job, with its detail.
    ///
    /// - Throws: ``HTTPFailure``; a job out of scope fails like one that does not exist.
    func jobEvent(
        _ event: EventID,
        of id: JobID,
        for caller: Caller
    ) async throws(HTTPFailure) -> PBJobEvent {
        try Self.refuse(id, toWhoSeesNoJob: caller)
        let response: PBGetJobEventResponse
        do {
            response = try await self.client.jobEvent(
                event.rawValue,
                of: id.rawValue,
                options: self.options(for: caller)
            )
        } catch {
            throw HTTPFailure(error, for: event, of: id)
        }
        try ScopeCheck.verify(answered: response.jobID, is: id)
        guard response.event.id == event.rawValue else {
            throw .scopeViolation.because("the server answered for event \(response.event.id)")
        }
        return response.event
    }

    /// Spares the server a question that no scope of the caller allows.
    private static func refuse(_ id: JobID, toWhoSeesNoJob caller: Caller) throws(HTTPFailure) {
        guard !caller.principal.grants.coversNoJob else {
            throw .jobNotFound(id).because("the principal's scopes cover no job")
        }
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
