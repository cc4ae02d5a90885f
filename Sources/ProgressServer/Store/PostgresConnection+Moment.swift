import ProgressChain
import ProgressPostgres

extension PostgresConnection {
    /// Reads what is asked for, in one round trip, and adds it to `reading`.
    ///
    /// - Parameter taken: The transactions of the log that were taken in before; those seen are added.
    /// - Throws: ``ReadFailure``, which knows what was being read; an open transaction stays open.
    func read(
        _ wants: [MomentQuery],
        into reading: inout MomentReading,
        taken: inout TakenTransactions,
        era: SchemaEra,
        isStandby: Bool,
        names: NetworkNames,
        limit: WaitLimit
    ) throws(ReadFailure) {
        let statements = AmpStatements.of(era)
        let queries = wants.flatMap { $0.queries(statements) }
        let look = wants.lazy.compactMap(\.look).first
        var gatherer = look.map {
            LookGatherer($0, taken: taken, isStandby: isStandby, names: names)
        }
        do throws(PostgresError) {
            try self.run(queries, limit: limit) { index, row throws(PostgresError) in
                switch queries[index].statement {
                case look?.statement:
                    try gatherer?.append(row)
                case statements.jobs:
                    let plan = try row.jobPlan()
                    reading.plans[plan.id] = plan
                case statements.tables:
                    if let job = JobID(rawValue: try row.int64(0)) {
                        reading.plans[job]?.tables.append(try row.jobTable())
                    }
                case statements.details where !row.isNull(1):
                    if let job = JobID(rawValue: try row.int64(0)) {
                        reading.plans[job]?.detail = try row.withJSON(1, compactJSON)
                    }
                case Statements.filesByID:
                    let file = try row.file(names: names)
                    reading.files[file.id] = file
                case Statements.fileVersions:
                    let revision = RevisionID(rawValue: try row.int64(0))
                    reading.versions[revision] = try row.fileVersions()
                default:
                    break
                }
            }
            guard let told = try gatherer?.finish(&taken) else { return }
            reading.snapshot = told.snapshot
            reading.isLogWhole = told.isLogWhole
            reading.changes = told.changes
        } catch {
            throw ReadFailure(Self.subject(of: error, in: queries, statements), error)
        }
    }

    /// Reads the files of one revision in a transaction of its own.
    ///
    /// - Parameters:
    ///   - known: What is held of them; rows that are the same are not read again.
    ///   - life: The database that they are for; `nil`: any. An address of several hosts can lead to
    ///     another one, whose moments are not comparable.
    ///   - charge: Called for each row that is read.
    func readRevision(
        of table: JobTable,
        known: RevisionFiles,
        life: DatabaseIdentity? = nil,
        names: NetworkNames,
        charge: (Int) throws(PostgresError) -> Void,
        limit: WaitLimit
    ) throws(ReadFailure) -> RevisionFiles {
        do throws(PostgresError) {
            if let life { try self.check(life, limit: limit) }
            var files = known
            let begin = [Query(Statements.begin), Query(Statements.lockFiles)]
            let id = Parameter.int64(table.revision.rawValue)
            if known.isEmpty {
                let queries = begin + [Query(Statements.files, [id]), Query(Statements.commit)]
                var loader = RevisionLoader(names: names)
                try self.run(queries, limit: limit) { _, row throws(PostgresError) in
                    try charge(try loader.append(row))
                }
                return loader.finish()
            }
            var versions = FileVersions()
            let list = Query(Statements.fileVersions, [.int64s([table.revision.rawValue])])
            try self.run(begin + [list], limit: limit) { _, row throws(PostgresError) in
                versions = try row.fileVersions()
            }
            let missing = files.keep(only: versions)
            for start in stride(from: 0, to: missing.count, by: Self.fileBatchCount) {
                let ids = missing[start..<min(start + Self.fileBatchCount, missing.count)]
                let query = Query(Statements.filesByID, [.int64s(ids.map(\.rawValue))])
                try self.run([query], limit: limit) { _, row throws(PostgresError) in
                    let file = try row.file(names: names)
                    guard file.revision == table.revision else { return }
                    files.insert(file)
                    try charge(RevisionFiles.approximateFileByteCount)
                }
            }
            try self.run([Query(Statements.commit)], limit: limit) { _, _ in }
            return files
        } catch {
            throw ReadFailure(.files(table), error)
        }
    }

    /// - Throws: ``PostgresError`` of kind `connectionLost` if this is a session of another server.
    func check(
        _ life: DatabaseIdentity,
        limit: WaitLimit
    ) throws(PostgresError) {
        guard try self.readIdentity(limit: limit).0.isSameServer(as: life) else {
            throw PostgresError(.connectionLost, "the session is of another server")
        }
    }

    /// Most files that are asked for by number in one statement.
    static let fileBatchCount = 10_000

    private static func subject(
        of error: PostgresError,
        in queries: [Query],
        _ statements: AmpStatements
    ) -> ReadFailure.Subject {
        switch error.statementIndex.map({ queries[$0].statement }) {
        case statements.tables: .tables
        case statements.details: .detail
        case statements.jobs: .job
        default: .moment
        }
    }
}

extension MomentQuery {
    var look: Look? {
        if case .look(let look) = self { look } else { nil }
    }

    fileprivate func queries(_ statements: AmpStatements) -> [Query] {
        switch self {
        case .begin(let isPatient):
            let lock = isPatient ? statements.lockTablesPatiently : statements.lockTables
            return [Query(Statements.begin), Query(lock)]
        case .look(let look): return [look.query]
        case .plans(let jobs):
            let ids = [Parameter.int64s(jobs.map(\.rawValue))]
            return [
                Query(statements.jobs, ids), Query(statements.tables, ids),
                Query(statements.details, ids),
            ]
        case .files(let files):
            return [Query(Statements.filesByID, [.int64s(files.map(\.rawValue))])]
        case .versions(let revisions):
            return [Query(Statements.fileVersions, [.int64s(revisions.map(\.rawValue))])]
        }
    }
}
