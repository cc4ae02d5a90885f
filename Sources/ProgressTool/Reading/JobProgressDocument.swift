/// The body of `GET /jobs/{id}/progress`.
struct JobProgressDocument: Decodable {
    /// One member of `tables`.
    struct Table: Decodable {
        enum CodingKeys: String, CodingKey {
            case currentBlock = "current_block"
            case startBlock = "start_block"
            case fileCount = "files_count"
            case totalByteCount = "total_size_bytes"
        }

        var currentBlock: Int64?
        var startBlock: Int64?
        var fileCount: Int64
        var totalByteCount: Int64
    }

    enum CodingKeys: String, CodingKey {
        case jobID = "job_id"
        case status = "job_status"
        case tables
        case detail
    }

    var jobID: Int64
    var status: String
    var tables: [String: Table]
    var detail: JSONValue?

    /// The same in this program's words.
    var progress: JobProgress {
        JobProgress(
            jobID: self.jobID,
            status: self.status,
            tables: self.tables.sorted { $0.key < $1.key }.map { name, table in
                JobProgress.Table(
                    name: name,
                    startBlock: table.startBlock,
                    currentBlock: table.currentBlock,
                    fileCount: table.fileCount,
                    totalByteCount: table.totalByteCount
                )
            },
            failure: self.detail.map(JobProgress.Failure.init(detail:))
        )
    }
}
