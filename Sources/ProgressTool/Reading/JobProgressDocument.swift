/// The body of `GET /jobs/{id}/progress`.
struct JobProgressDocument: Decodable {
    /// One member of `tables`.
    struct Table: Decodable {
        enum CodingKeys: String, CodingKey {
            case currentBlock = "current_block"
            case startBlock = "start_block"
            case fileCount = "files_count"
            case totalByteCount = "total_size_bytes"
            case endBlock = "end_block"
            case percent
            case blocksPerSecond = "blocks_per_second"
            case secondsLeft = "eta_seconds"
            case missingRanges = "missing_ranges"
            case missingOmitted = "missing_omitted"
            case fork
        }

        struct Fork: Decodable {
            enum CodingKeys: String, CodingKey { case end = "end_block" }

            var end: UInt64
        }

        var currentBlock: Int64?
        var startBlock: Int64?
        var fileCount: Int64
        var totalByteCount: Int64
        var endBlock: UInt64?
        var percent: Double?
        var blocksPerSecond: Double?
        var secondsLeft: UInt64?
        var missingRanges: [[UInt64]]?
        var missingOmitted: Int?
        var fork: Fork?

        var outlook: JobProgress.Outlook {
            JobProgress.Outlook(
                endBlock: self.endBlock,
                percent: self.percent,
                blocksPerSecond: self.blocksPerSecond,
                secondsLeft: self.secondsLeft,
                missingRanges: self.missingRanges,
                missingOmitted: self.missingOmitted,
                forkEnd: self.fork?.end
            )
        }
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
                    totalByteCount: table.totalByteCount,
                    outlook: table.outlook
                )
            },
            failure: self.detail.map(JobProgress.Failure.init(detail:))
        )
    }
}
