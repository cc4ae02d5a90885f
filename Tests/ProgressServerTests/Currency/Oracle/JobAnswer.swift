import ProgressRPC

/// What an answer to GetJobProgress says, without its version, its moment and its age.
struct JobAnswer: Hashable, Sendable {
    struct Table: Hashable, Sendable {
        var name: String
        /// As "namespace/name".
        var dataset: String
        var startBlock: Int64?
        var currentBlock: Int64?
        var fileCount: Int64
        var byteCount: Int64
    }

    var job: Int64
    var status: String
    /// In the order of the answer.
    var tables: [Table]
    var detail: String?
}

extension JobAnswer {
    init(_ message: PBJobProgress) {
        self.init(
            job: message.jobID,
            status: message.jobStatus,
            tables: message.tables.map { table in
                Table(
                    name: table.name,
                    dataset: "\(table.datasetNamespace)/\(table.datasetName)",
                    startBlock: table.hasStartBlock ? table.startBlock : nil,
                    currentBlock: table.hasCurrentBlock ? table.currentBlock : nil,
                    fileCount: table.filesCount,
                    byteCount: table.totalSizeBytes
                )
            },
            detail: message.hasDetailJson ? message.detailJson : nil
        )
    }
}

extension JobAnswer: CustomStringConvertible {
    var description: String {
        let tables = self.tables.map { table in
            let start = table.startBlock.map(String.init) ?? "-"
            let end = table.currentBlock.map(String.init) ?? "-"
            return "\(table.dataset) \(table.name) \(start)…\(end), "
                + "\(table.fileCount) files, \(table.byteCount) bytes"
        }
        return "job \(self.job) \(self.status) [\(tables.joined(separator: "; "))]"
            + (self.detail.map { " \($0)" } ?? "")
    }
}
