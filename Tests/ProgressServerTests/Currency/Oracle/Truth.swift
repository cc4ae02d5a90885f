import ProgressChain

/// Computes from the history what the right answer was at any snapshot.
///
/// Shares with the server only what finds a chain in a set of files, which has proofs of its own.
/// What was computed is remembered by the transactions that it depends on.
struct Truth {
    private struct CatalogKey: Hashable {
        var job: Int64
        var seen: SeenTransactions
    }

    private struct FilesKey: Hashable {
        var revision: Int64
        var seen: SeenTransactions
    }

    /// What the catalog says of a job.
    private struct Plan {
        var answer: JobAnswer
        /// Of the answer's tables, in their order.
        var revisions: [Int64]
    }

    let history: History
    private var catalogs: [SeenTransactions: CatalogRows] = [:]
    private var plans: [CatalogKey: Plan?] = [:]
    private var summaries: [FilesKey: TableSummary] = [:]
    /// What a row of a file means.
    private var segments: [RecordedRow: Segment] = [:]
    private let names = NetworkNames()

    init(_ history: History) {
        self.history = history
    }

    /// The right answer to a caller who may see everything.
    ///
    /// - Returns: `nil` if there was no such job.
    /// - Throws: If a row is not of the form that the writers of the check give it.
    mutating func answer(of job: Int64, at snapshot: ReadSnapshot) throws -> JobAnswer? {
        guard let plan = try self.plan(of: job, at: snapshot) else { return nil }
        var answer = plan.answer
        for (index, revision) in plan.revisions.enumerated() {
            let summary = try self.summary(of: revision, at: snapshot)
            answer.tables[index].startBlock = summary.syncedRange?.startBlock
            answer.tables[index].currentBlock = summary.syncedRange?.currentBlock
            answer.tables[index].fileCount = Int64(summary.fileCount)
            answer.tables[index].byteCount = summary.totalByteCount
        }
        return answer
    }

    private mutating func plan(of job: Int64, at snapshot: ReadSnapshot) throws -> Plan? {
        let seen = self.history.seen(of: .catalog, by: snapshot)
        let key = CatalogKey(job: job, seen: seen)
        if let known = self.plans[key] { return known }
        if self.catalogs[seen] == nil {
            self.catalogs[seen] = try CatalogRows(
                self.history.rows(of: .catalog, at: snapshot)
            )
        }
        let plan = try self.catalogs[seen].flatMap { try Self.plan(of: job, in: $0) }
        self.plans[key] = .some(plan)
        return plan
    }

    private static func plan(of job: Int64, in catalog: CatalogRows) throws -> Plan? {
        guard let status = catalog.status(of: job) else { return nil }
        let chosen = catalog.tables(of: job)
        return Plan(
            answer: JobAnswer(
                job: job,
                status: status,
                tables: chosen.map { table in
                    JobAnswer.Table(
                        name: table.name,
                        dataset: "\(table.namespace)/\(table.datasetName)",
                        fileCount: 0,
                        byteCount: 0
                    )
                },
                detail: catalog.detail(of: job)
            ),
            revisions: chosen.map(\.revision)
        )
    }

    private mutating func summary(
        of revision: Int64,
        at snapshot: ReadSnapshot
    ) throws -> TableSummary {
        let part = History.Part.files(revision)
        let key = FilesKey(revision: revision, seen: self.history.seen(of: part, by: snapshot))
        if let known = self.summaries[key] { return known }
        var segments: [Segment] = []
        for row in self.history.rows(of: part, at: snapshot) {
            segments.append(try self.segment(row))
        }
        let summary = try TableSummary(of: segments)
        self.summaries[key] = summary
        return summary
    }

    private mutating func segment(_ row: RecordedRow) throws -> Segment {
        if let known = self.segments[row] { return known }
        let segment = try Segment(row, names: self.names)
        self.segments[row] = segment
        return segment
    }
}

/// A recorded row is not of the form that the writers of the check give it.
struct UnreadableRow: Error {
    var row: RecordedRow
}

extension Segment {
    /// Reads the words of a file: size, seconds, first and last block, hash, previous hash.
    fileprivate init(_ row: RecordedRow, names: NetworkNames) throws {
        let words = row.words.map { $0 ?? "" }
        guard words.count == 6, let size = Int64(words[0]), let seconds = UInt64(words[1]),
            let first = UInt64(words[2]), let last = UInt64(words[3]),
            let hash = BlockHash(hex: words[4]), let previousHash = BlockHash(hex: words[5]),
            let network = names.network(named: "mainnet")
        else { throw UnreadableRow(row: row) }
        self.init(
            id: FileID(rawValue: row.key),
            size: try FileSize(objectSize: size),
            lastModified: FileTime(seconds: seconds, nanoseconds: 0),
            range: BlockRange(
                network: network,
                start: first,
                end: last,
                hash: hash,
                previousHash: previousHash
            )
        )
    }
}
