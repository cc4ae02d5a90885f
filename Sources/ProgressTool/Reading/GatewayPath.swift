import ProgressJSON
import ProgressRPC

/// Where a gateway has what, each with its query.
enum GatewayPath {
    /// - Parameter staleness: How much older than the request the answer may be.
    static func jobProgress(_ id: Int64, staleness: ReadingTerms) -> String {
        "/jobs/\(id)/progress\(staleness.stalenessQuery)"
    }

    static func jobProgress(_ id: Int64, including parts: OutlookParts) -> String {
        let words = OutlookParts.words.filter { parts.contains($0.part) }.map(\.word)
        return "/jobs/\(id)/progress?include=\(words.joined(separator: ","))"
    }

    static func jobProgressBatch(_ ids: [Int64], staleness: ReadingTerms) -> String {
        let path = "/jobs/progress?ids=\(ids.map(String.init).joined(separator: ","))"
        let query = staleness.stalenessQuery.dropFirst()
        return query.isEmpty ? path : "\(path)&\(query)"
    }

    static func jobs(_ filter: JobStatusFilter, _ page: PageTerms) -> String {
        "/jobs" + page.query(cursor: "last_job_id", "status=\(filter.word)")
    }

    static func jobs(of dataset: DatasetReference, _ page: PageTerms) -> String {
        dataset.jobsPath + page.query(cursor: "last_job_id")
    }

    static func job(_ id: Int64) -> String {
        "/jobs/\(id)"
    }

    static func events(of jobID: Int64, _ page: PageTerms) -> String {
        "/jobs/\(jobID)/events" + page.query(cursor: "last_event_id")
    }

    static func event(_ id: Int64, of jobID: Int64) -> String {
        "/jobs/\(jobID)/events/\(id)"
    }
}

extension JobStatusFilter {
    /// The value of `status` in a request to a gateway.
    fileprivate var word: String {
        switch self {
        case .active: "active"
        case .all: "all"
        default: self.statuses.map(\.rawValue).joined(separator: ",")
        }
    }
}
