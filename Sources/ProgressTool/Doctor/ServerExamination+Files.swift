import ProgressRPC

/// The check of files: jobs whose progress cannot be told, and the rows that are to blame.
extension ServerExamination {
    /// - Parameters:
    ///   - sample: The jobs to look at.
    ///   - options: With a scope, if the server wants one; then it does not name rows.
    static func examineFiles(
        of sample: JobSample,
        _ server: ServerSession,
        _ options: CallOptions
    ) async -> [Finding] {
        var jobs: [FailedJob] = []
        var rest = sample.ids[...]
        do {
            while !rest.isEmpty {
                let ids = rest.prefix(FailedJob.batchJobs)
                rest = rest.dropFirst(ids.count)
                let answer = try await server.client.jobProgressBatch(
                    ids.map { PBKnownJob($0) },
                    options: options
                )
                for failure in answer.failed {
                    let error = RPCError(failure)
                    // It was deleted after it was listed.
                    guard error.code != .notFound else { continue }
                    let job = FailedJob(
                        id: failure.jobID,
                        reason: error.reason,
                        message: error.message
                    )
                    if let job = await self.named(job, server, options) { jobs.append(job) }
                }
            }
        } catch {
            return [Finding("files", failing: ToolError(rpc: error))]
        }
        return FailedJob.findings(of: jobs, among: sample)
    }

    /// The job with its files; `nil` if by now it has none that cannot be decoded.
    private static func named(
        _ job: FailedJob,
        _ server: ServerSession,
        _ options: CallOptions
    ) async -> FailedJob? {
        var job = job
        let isUnreadable = job.reason == FailedJob.unreadable
        guard options.scope == nil else {
            job.remedy = isUnreadable ? "to a trusted peer the server names the rows" : nil
            return job
        }
        do {
            // A table of several networks may hide one whose files cannot be decoded.
            let answer = try await server.client.fullJobProgress(job.id, options: options)
            job.tables = answer.outlook.tables.filter { !$0.unreadable.files.isEmpty }
            return isUnreadable && job.tables.isEmpty ? nil : job
        } catch {
            guard error.code != .notFound else { return nil }
            job.remedy = isUnreadable ? "the rows are not named: \(error.message)" : nil
            return job
        }
    }
}
