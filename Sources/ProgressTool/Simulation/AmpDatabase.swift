import ProgressPostgres

/// Writes into an Amp database as Amp's controller, workers and collector do.
///
/// Blocks its thread. Each method is one committed transaction unless its summary says otherwise,
/// so that a reader meets the same moments as with the real programs.
struct AmpDatabase {
    private let session: PostgresSession

    init(session: PostgresSession) {
        self.session = session
    }

    /// Says that `node` lives, and registers it at the first time.
    func beat(node: String) throws(PostgresError) {
        try self.session.execute(AmpStatements.beat, [.text(node)])
    }

    /// Runs `body` in one transaction: committed when it returns, rolled back when it throws.
    func transaction<Value>(
        _ body: () throws(PostgresError) -> Value
    ) throws(PostgresError) -> Value {
        try self.session.transaction { () throws(PostgresError) in try body() }
    }

    /// The job that writes `dataset`, created if need be; to be called in a transaction.
    ///
    /// - Returns: The key of the job, and whether it was created just now.
    func job(
        writing dataset: SimulatedDataset,
        on node: String
    ) throws(PostgresError) -> (id: Int64, isNew: Bool) {
        try self.beat(node: node)
        let key = "materialize-raw:\(dataset.namespace)/\(dataset.name)@\(dataset.manifestHash)"
        let new = try self.key(AmpStatements.insertJob, [.text(node), .text(key)])
        guard let new else {
            return (try self.session.int64(AmpStatements.findJob, [.text(key)]), false)
        }
        try self.session.execute(
            AmpStatements.registerManifest,
            [.text(dataset.manifestHash), .text(dataset.namespace), .text(dataset.name)]
        )
        try self.session.execute(
            AmpStatements.insertStatus,
            [.int64(new), .text(node), .text("SCHEDULED"), .text(dataset.descriptor)]
        )
        return (new, true)
    }

    /// The oldest job that is active and writes an active table; `nil` if there is none.
    func activeJob() throws(PostgresError) -> Int64? {
        try self.key(AmpStatements.activeJob, [])
    }

    /// The status of `job`; `nil` if there is no such job.
    func status(ofJob job: Int64) throws(PostgresError) -> String? {
        try self.session.strings(AmpStatements.status, [.int64(job)]).first ?? nil
    }

    /// Moves `job` from one status to another and appends the event; `false`, and nothing written,
    /// if its status was not `old`.
    func move(
        job: Int64,
        from old: String,
        to new: String,
        detail: String? = nil
    ) throws(PostgresError) -> Bool {
        let detail = detail.map(Parameter.text) ?? .null
        return try self.key(
            AmpStatements.moveStatus,
            [.int64(job), .text(old), .text(new), detail]
        ) != nil
    }

    /// Creates a revision of a table.
    ///
    /// - Returns: Its key.
    func insertRevision(
        _ identifier: String,
        ofTable table: String,
        in dataset: SimulatedDataset,
        writer job: Int64
    ) throws(PostgresError) -> Int64 {
        try self.session.int64(
            AmpStatements.insertRevision,
            [
                .text("\(dataset.namespace)/\(dataset.name)/\(table)/\(identifier)"), .int64(job),
                .text(dataset.metadata(ofTable: table)),
            ]
        )
    }

    /// Makes `revision` the one that readers of the table see.
    func activate(
        revision: Int64,
        ofTable table: String,
        in dataset: SimulatedDataset
    ) throws(PostgresError) {
        try self.session.execute(
            AmpStatements.activateRevision,
            [
                .text(dataset.namespace), .text(dataset.name), .text(dataset.manifestHash),
                .text(table), .int64(revision),
            ]
        )
    }

    /// The active tables that `job` writes, each with the newest part of its files.
    func tables(ofJob job: Int64) throws(PostgresError) -> [SimulatedTable] {
        var names: [(revision: Int64, name: String)] = []
        try self.session.query(AmpStatements.tables, [.int64(job)]) {
            row throws(PostgresError) in
            names.append((try row.int64(0), try row.string(1)))
        }
        var tables: [SimulatedTable] = []
        for (revision, name) in names {
            let files = try self.newestFiles(ofRevision: revision)
            tables.append(SimulatedTable(revision: revision, name: name, files: files))
        }
        return tables
    }

    private func newestFiles(
        ofRevision revision: Int64
    ) throws(PostgresError) -> [SimulatedFile] {
        var files: [SimulatedFile] = []
        try self.session.query(
            AmpStatements.newestFiles,
            [.int64(revision), .int64(Int64(SimulatedTable.limit * 4))]
        ) { row throws(PostgresError) in
            let (start, end) = (try row.int64(3), try row.int64(4))
            guard start <= end else { return }
            files.append(
                SimulatedFile(
                    id: try row.int64(0),
                    table: try row.string(1),
                    network: try row.string(2),
                    blocks: start...end,
                    hash: BlockHash(text: try row.string(5)),
                    parentHash: BlockHash(text: try row.string(6)),
                    byteCount: try row.int64(7),
                    createdAt: SimulatedFile.Instant(
                        seconds: try row.int64(8),
                        nanoseconds: try row.int64(9)
                    ),
                    nonce: 0
                )
            )
        }
        return files
    }

    /// Inserts rows for files whose names and metadata are given as text.
    ///
    /// - Returns: The keys by name, those of names that existed before left out.
    func insert(
        _ rows: [FileRow],
        intoRevision revision: Int64
    ) throws(PostgresError) -> [String: Int64] {
        var ids: [String: Int64] = [:]
        let document = "[" + rows.map(\.document).joined(separator: ",") + "]"
        try self.session.query(
            AmpStatements.insertFiles,
            [.int64(revision), .text(document), .text("file:///simulated/\(revision)/")]
        ) { row throws(PostgresError) in
            ids[try row.string(1)] = try row.int64(0)
        }
        return ids
    }

    /// Tells listeners that `revision` has a new file.
    func announce(revision: Int64) throws(PostgresError) {
        try self.session.execute(AmpStatements.announce, [.int64(revision)])
    }

    /// Hands files to the collector, which may take them after `delay`.
    func scheduleCollection(
        of ids: [Int64],
        inRevision revision: Int64,
        after delay: Duration
    ) throws(PostgresError) {
        let (seconds, attoseconds) = delay.components
        let milliseconds = max(1, seconds * 1_000 + attoseconds / 1_000_000_000_000_000)
        try self.session.execute(
            AmpStatements.scheduleCollection,
            [.int64(revision), .int64s(ids), .int64(milliseconds)]
        )
    }

    /// Deletes the files of `job` whose time has come.
    func collect(job: Int64) throws(PostgresError) {
        try self.session.execute(AmpStatements.collect, [.int64(job)])
    }

    /// The `bigint` of the first row; `nil` if there is no row.
    private func key(
        _ sql: String,
        _ parameters: [Parameter]
    ) throws(PostgresError) -> Int64? {
        var key: Int64?
        try self.session.query(sql, parameters) { row throws(PostgresError) in
            if key == nil { key = try row.int64(0) }
        }
        return key
    }
}
