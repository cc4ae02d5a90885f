import FoundationEssentials
public import NIOCore

/// The methods of `protocol/registry.md`.
extension ProgressClient {
    /// How far a job is.
    ///
    /// - Parameters:
    ///   - id: The job, from 1.
    ///   - knownVersion: The `version` of an answer that the caller holds.
    ///   - maxStaleness: How much older than the call the answer may be, in whole milliseconds; its
    ///     `ageUs` says how old it is.
    ///   - wait: How long the server waits for another version than `knownVersion`, which must not be
    ///     empty; whole milliseconds, at most ``Limits/longestWait``. The call may take so much longer
    ///     than `options` say.
    /// - Returns: `nil` if the answer that the caller holds still stands.
    /// - Throws: ``RPCError``; with reason `JOB_NOT_FOUND` if there is no such job in scope.
    public func jobProgress(
        _ id: Int64,
        knownVersion: [UInt8] = [],
        maxStaleness: Duration = .zero,
        wait: Duration = .zero,
        options: CallOptions = CallOptions()
    ) async throws(RPCError) -> PBJobProgress? {
        var request = PBGetJobProgressRequest()
        request.jobID = id
        request.knownVersion = .init(knownVersion)
        request.maxStalenessMs = maxStaleness.wholeMilliseconds
        request.waitMs = wait.startedMilliseconds
        let reply = try await self.call(
            .getJobProgress,
            try request.encoded(),
            options: options.allowing(wait)
        )
        return reply.isNotModified ? nil : try PBJobProgress(decoding: reply.body)
    }

    /// How far a job is, and what more its files tell: with view FULL.
    ///
    /// - Throws: ``RPCError``; with reason `JOB_NOT_FOUND` if there is no such job in scope.
    public func fullJobProgress(
        _ id: Int64,
        options: CallOptions = CallOptions()
    ) async throws(RPCError) -> PBJobProgress {
        var request = PBGetJobProgressRequest()
        request.jobID = id
        request.view = .full
        return try await self.call(.getJobProgress, request, options: options)
    }

    /// How far several jobs are, at one moment.
    ///
    /// - Parameters:
    ///   - jobs: 1 to ``Limits/batchJobs``, each job once.
    ///   - maxStaleness: As for one job.
    ///   - wait: How long the server waits for another answer than the caller knows, for any of the
    ///     jobs; each must have a known version.
    /// - Returns: What the caller does not know yet: nothing of a job whose answer still stands.
    /// - Throws: ``RPCError``; not if single jobs fail, which the answer tells.
    public func jobProgressBatch(
        _ jobs: [PBKnownJob],
        maxStaleness: Duration = .zero,
        wait: Duration = .zero,
        options: CallOptions = CallOptions()
    ) async throws(RPCError) -> PBGetJobProgressBatchResponse {
        var request = PBGetJobProgressBatchRequest()
        request.jobs = jobs
        request.maxStalenessMs = maxStaleness.wholeMilliseconds
        request.waitMs = wait.startedMilliseconds
        return try await self.call(
            .getJobProgressBatch,
            request,
            options: options.allowing(wait)
        )
    }

    /// What a job is.
    ///
    /// - Throws: ``RPCError``; with reason `JOB_NOT_FOUND` if there is no such job in scope.
    public func job(
        _ id: Int64,
        options: CallOptions = CallOptions()
    ) async throws(RPCError) -> PBGetJobResponse {
        var request = PBGetJobRequest()
        request.jobID = id
        return try await self.call(.getJob, request, options: options)
    }

    /// A page of the jobs in scope.
    ///
    /// - Throws: ``RPCError``.
    public func jobs(
        _ request: PBListJobsRequest = PBListJobsRequest(),
        options: CallOptions = CallOptions()
    ) async throws(RPCError) -> PBListJobsResponse {
        try await self.call(.listJobs, request, options: options)
    }

    /// A page of the jobs that were scheduled for one revision of a dataset.
    ///
    /// - Throws: ``RPCError``; with reason `DATASET_NOT_FOUND` if there is no such revision in scope.
    public func datasetJobs(
        _ request: PBListDatasetJobsRequest,
        options: CallOptions = CallOptions()
    ) async throws(RPCError) -> PBListDatasetJobsResponse {
        try await self.call(.listDatasetJobs, request, options: options)
    }

    /// A page of what happened to a job, without details.
    ///
    /// - Throws: ``RPCError``; with reason `JOB_NOT_FOUND` if there is no such job in scope.
    public func jobEvents(
        _ request: PBListJobEventsRequest,
        options: CallOptions = CallOptions()
    ) async throws(RPCError) -> PBListJobEventsResponse {
        try await self.call(.listJobEvents, request, options: options)
    }

    /// One event of a job, with its detail.
    ///
    /// - Throws: ``RPCError``; with reason `JOB_NOT_FOUND`, or `EVENT_NOT_FOUND` if the job has no such
    ///   event.
    public func jobEvent(
        _ eventID: Int64,
        of jobID: Int64,
        options: CallOptions = CallOptions()
    ) async throws(RPCError) -> PBGetJobEventResponse {
        var request = PBGetJobEventRequest()
        request.jobID = jobID
        request.eventID = eventID
        return try await self.call(.getJobEvent, request, options: options)
    }

    /// Which methods the server has.
    ///
    /// - Throws: ``RPCError``.
    public func describe(
        options: CallOptions = CallOptions()
    ) async throws(RPCError) -> PBDescribeResponse {
        try await self.call(.describe, PBDescribeRequest(), options: options)
    }

    /// Whether the server answers.
    ///
    /// - Throws: ``RPCError``.
    public func health(
        options: CallOptions = CallOptions()
    ) async throws(RPCError) -> PBHealthResponse {
        try await self.call(.health, PBHealthRequest(), options: options)
    }

    /// Calls and latencies since the server started.
    ///
    /// - Throws: ``RPCError``.
    public func stats(
        options: CallOptions = CallOptions()
    ) async throws(RPCError) -> PBStatsResponse {
        try await self.call(.stats, PBStatsRequest(), options: options)
    }

    /// Gets the bytes back.
    ///
    /// - Throws: ``RPCError``.
    public func echo(
        _ bytes: ByteBuffer,
        options: CallOptions = CallOptions()
    ) async throws(RPCError) -> ByteBuffer {
        try await self.call(.echo, bytes, options: options).body
    }
}

extension CallOptions {
    /// The same with so much more time, as far as a server waits.
    fileprivate func allowing(_ wait: Duration) -> Self {
        var options = self
        options.timeout += min(max(wait, .zero), Duration(Limits.longestWait))
        return options
    }
}

extension Duration {
    /// Whole milliseconds, a part of one left out: for a bound that must not be exceeded.
    fileprivate var wholeMilliseconds: UInt32 {
        let (seconds, attoseconds) = self.components
        guard seconds < Int64(UInt32.max / 1_000) else { return .max }
        return UInt32(clamping: seconds * 1_000 + attoseconds / 1_000_000_000_000_000)
    }

    /// Whole milliseconds, a part of one counted as one: nothing but 0 asks for no wait.
    fileprivate var startedMilliseconds: UInt32 {
        let whole = self.wholeMilliseconds
        return self > .milliseconds(Int64(whole)) && whole < .max ? whole + 1 : whole
    }
}
