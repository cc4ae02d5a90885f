import ProgressRPC

extension GatewayReader: JobReader {
    /// Most jobs whose tables are asked for at once: with ids of 19 digits each the target stays within
    /// the 8 KiB that a gateway takes.
    static let tableBatchJobs = 256

    func jobs(
        _ filter: JobStatusFilter,
        _ page: PageTerms
    ) async throws(ToolError) -> JobPage {
        try JobPage(try await self.body(of: GatewayPath.jobs(filter, page)))
    }

    func jobs(
        of dataset: DatasetReference,
        _ page: PageTerms
    ) async throws(ToolError) -> JobPage {
        try JobPage(try await self.body(of: GatewayPath.jobs(of: dataset, page)))
    }

    func job(_ id: Int64) async throws(ToolError) -> JobInfo {
        try JobInfo(try await self.body(of: GatewayPath.job(id)))
    }

    func events(of jobID: Int64, _ page: PageTerms) async throws(ToolError) -> JobEventPage {
        try JobEventPage(try await self.body(of: GatewayPath.events(of: jobID, page)))
    }

    func event(_ id: Int64, of jobID: Int64) async throws(ToolError) -> JobEvent {
        try JobEvent(try await self.body(of: GatewayPath.event(id, of: jobID)))
    }

    /// The bodies about jobs have no tables, those about their progress do.
    func tables(of jobs: [JobInfo]) async throws(ToolError) -> [Int64: [String]] {
        var tables: [Int64: [String]] = [:]
        var rest = jobs[...]
        while !rest.isEmpty {
            let ids = rest.prefix(Self.tableBatchJobs).map(\.id)
            rest = rest.dropFirst(ids.count)
            let body = try await self.jobProgressBatch(ids, ReadingTerms())
            for progress in try JobBatchDocument(body).jobs {
                tables[progress.jobID] = progress.tables.keys.sorted {
                    $0.utf8.lexicographicallyPrecedes($1.utf8)
                }
            }
        }
        return tables
    }
}
