/// A job as the demo writes it into its database.
struct SampleJob: Sendable {
    /// One directory of files of a table.
    struct Revision: Sendable {
        /// The last part of its path.
        var identifier: String
        var files: [FileRow]
    }

    /// A table that the job writes.
    struct Table: Sendable {
        var name: String
        /// The last one is active.
        var revisions: [Revision]
    }

    var dataset: SimulatedDataset
    /// What the job is for, to a person.
    var summary: String
    /// The statuses that it goes through after SCHEDULED.
    var statuses: [String]
    /// The detail of the last status, as JSON.
    var detail: String?
    var tables: [Table]
}

extension SampleJob {
    /// All that the demo shows, first the job that the simulated worker keeps moving.
    static func all() throws -> [SampleJob] {
        try [self.live(), self.longChain()] + self.recorded() + [self.failed(), self.waiting()]
    }

    private static func live() throws(ToolError) -> SampleJob {
        let dataset = try SimulatedDataset(namespace: "demo", name: "live")
        return SampleJob(
            dataset: dataset,
            summary: "a simulated worker keeps it moving",
            statuses: [],
            tables: SimulatedDataset.tables.map { name in
                let files = syntheticChain(table: name, fileCount: 40, blocksPerFile: 500)
                return Table(name: name, revisions: [revision(of: dataset, name, files)])
            }
        )
    }

    private static func longChain() throws(ToolError) -> SampleJob {
        let dataset = try SimulatedDataset(namespace: "demo", name: "long_chain")
        let files = syntheticChain(table: "blocks", fileCount: 5_000, blocksPerFile: 1_000)
        return SampleJob(
            dataset: dataset,
            summary: "a synthetic chain of 5,000 files",
            statuses: ["RUNNING", "COMPLETED"],
            tables: [Table(name: "blocks", revisions: [revision(of: dataset, "blocks", files)])]
        )
    }

    private static func failed() throws(ToolError) -> SampleJob {
        let dataset = try SimulatedDataset(namespace: "demo", name: "failed")
        let files = syntheticChain(table: "blocks", fileCount: 12, blocksPerFile: 250)
        return SampleJob(
            dataset: dataset,
            summary: "failed, and says why",
            statuses: ["RUNNING", "ERROR"],
            detail: """
                {"error_code":"FETCH_BLOCKS","error_message":"the provider closed the connection",\
                "error_context":{"dataset":"demo/failed","manifest_hash":"\(dataset.manifestHash)",\
                "block_range_start":3000,"block_range_end":3249,"attempt_index":2,\
                "stack_trace":["cannot fetch blocks 3000 to 3249","connection reset by peer"]}}
                """,
            tables: [Table(name: "blocks", revisions: [revision(of: dataset, "blocks", files)])]
        )
    }

    private static func waiting() throws(ToolError) -> SampleJob {
        SampleJob(
            dataset: try SimulatedDataset(namespace: "demo", name: "waiting"),
            summary: "scheduled, without a table so far",
            statuses: [],
            tables: []
        )
    }

    private static func revision(
        of dataset: SimulatedDataset,
        _ table: String,
        _ files: [SimulatedFile]
    ) -> Revision {
        Revision(
            identifier: dataset.revisionIdentifier(ofTable: table),
            files: files.map(FileRow.init)
        )
    }
}

/// Linked files of equal length from block 0, made twelve seconds apart from 2026 on.
func syntheticChain(table: String, fileCount: Int, blocksPerFile: Int64) -> [SimulatedFile] {
    var generator = SplitMix64(seed: UInt64(fileCount) &* 31 &+ UInt64(table.utf8.count))
    var chain = SimulatedTable(revision: 0, name: table, files: [])
    return (0..<Int64(fileCount)).compactMap { index in
        let file = chain.successor(
            through: (index + 1) * blocksPerFile - 1,
            network: "mainnet",
            branch: 0,
            byteCount: blocksPerFile * Int64.random(in: 20_000...120_000, using: &generator),
            createdAt: SimulatedFile.Instant(
                seconds: 1_767_225_600 + index * 12,
                nanoseconds: Int64.random(in: 0..<1_000_000_000, using: &generator)
            ),
            nonce: generator.next()
        )
        if let file { chain.append(file) }
        return file
    }
}
