import ProgressJSON

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
        /// Its members stand beside the others.
        var outlook: JobProgress.Outlook

        init(from decoder: any Decoder) throws {
            let members = try decoder.container(keyedBy: CodingKeys.self)
            self.currentBlock = try members.decodeIfPresent(Int64.self, forKey: .currentBlock)
            self.startBlock = try members.decodeIfPresent(Int64.self, forKey: .startBlock)
            self.fileCount = try members.decode(Int64.self, forKey: .fileCount)
            self.totalByteCount = try members.decode(Int64.self, forKey: .totalByteCount)
            self.outlook = try JobProgress.Outlook(from: decoder)
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
    /// Its members stand beside the others.
    var outlook: JobProgress.JobOutlook

    init(from decoder: any Decoder) throws {
        let members = try decoder.container(keyedBy: CodingKeys.self)
        self.jobID = try members.decode(Int64.self, forKey: .jobID)
        self.status = try members.decode(String.self, forKey: .status)
        self.tables = try members.decode([String: Table].self, forKey: .tables)
        self.detail = try members.decodeIfPresent(JSONValue.self, forKey: .detail)
        self.outlook = try JobProgress.JobOutlook(from: decoder)
    }

    /// The same in this program's words.
    var progress: JobProgress {
        JobProgress(
            jobID: self.jobID,
            status: self.status,
            outlook: self.outlook,
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
