import NIOCore
import ProgressJSON
import ProgressRPC

extension ServerSession: JobReader {
    func jobs(
        _ filter: JobStatusFilter,
        _ page: PageTerms
    ) async throws(ToolError) -> JobPage {
        var request = PBListJobsRequest()
        request.limit = page.protocolLimit
        request.lastJobID = page.after ?? 0
        request.statuses = filter.statuses.map(\.rawValue)
        let answer: PBListJobsResponse
        do {
            answer = try await self.client.jobs(request, options: self.options)
        } catch {
            throw ToolError(rpc: error)
        }
        return try JobPage(answer.jobs, nextCursor: answer.nextCursor)
    }

    func jobs(
        of dataset: DatasetReference,
        _ page: PageTerms
    ) async throws(ToolError) -> JobPage {
        var request = PBListDatasetJobsRequest()
        request.namespace = dataset.namespace
        request.name = dataset.name
        request.revision = dataset.revision
        request.limit = page.protocolLimit
        request.lastJobID = page.after ?? 0
        let answer: PBListDatasetJobsResponse
        do {
            answer = try await self.client.datasetJobs(request, options: self.options)
        } catch {
            throw ToolError(rpc: error)
        }
        return try JobPage(answer.jobs, nextCursor: answer.nextCursor)
    }

    func job(_ id: Int64) async throws(ToolError) -> JobInfo {
        let answer: PBGetJobResponse
        do {
            answer = try await self.client.job(id, options: self.options)
        } catch {
            throw ToolError(rpc: error)
        }
        guard answer.hasJob else { throw ToolError(.failure, "the server's answer has no job") }
        var job = try JobInfo(Array(JobJSON.encode(answer.job).readableBytesView))
        job.add(answer.job)
        return job
    }

    func events(of jobID: Int64, _ page: PageTerms) async throws(ToolError) -> JobEventPage {
        var request = PBListJobEventsRequest()
        request.jobID = jobID
        request.limit = page.protocolLimit
        request.lastEventID = page.after ?? 0
        let answer: PBListJobEventsResponse
        do {
            answer = try await self.client.jobEvents(request, options: self.options)
        } catch {
            throw ToolError(rpc: error)
        }
        let body = JobEventJSON.encode(
            answer.events,
            of: answer.jobID,
            nextCursor: answer.nextCursor == 0 ? nil : answer.nextCursor
        )
        return try JobEventPage(Array(body.readableBytesView))
    }

    func event(_ id: Int64, of jobID: Int64) async throws(ToolError) -> JobEvent {
        let answer: PBGetJobEventResponse
        do {
            answer = try await self.client.jobEvent(id, of: jobID, options: self.options)
        } catch {
            throw ToolError(rpc: error)
        }
        guard answer.hasEvent else {
            throw ToolError(.failure, "the server's answer has no event")
        }
        let body = JobEventJSON.encode(answer.event, of: answer.jobID)
        return try JobEvent(Array(body.readableBytesView))
    }

    func tables(of jobs: [JobInfo]) async throws(ToolError) -> [Int64: [String]] {
        Dictionary(
            jobs.compactMap { job in job.tables.map { (job.id, $0) } },
            uniquingKeysWith: { first, _ in first }
        )
    }
}

extension JobPage {
    /// The page that a gateway would send, with what only a server says.
    fileprivate init(_ jobs: [PBJob], nextCursor: Int64) throws(ToolError) {
        let body = JobJSON.encode(jobs, nextCursor: nextCursor == 0 ? nil : nextCursor)
        try self.init(Array(body.readableBytesView))
        for (index, job) in jobs.enumerated() {
            self.jobs[index].add(job)
        }
    }
}

extension JobInfo {
    /// Adds what only a server says.
    fileprivate mutating func add(_ job: PBJob) {
        self.tables = job.tables
        if !job.datasetName.isEmpty {
            self.dataset = "\(job.datasetNamespace)/\(job.datasetName)"
        }
    }
}
