import ProgressChain
import ProgressPostgres
import ProgressRPC

/// The patterns of a scope, as ``AmpStatements`` take them.
struct JobFilter: Sendable {
    var seesAll: Bool
    /// '' matches any.
    var namespaces: [String]
    var names: [String]

    fileprivate var parameters: [Parameter] {
        [.int64(self.seesAll ? 1 : 0), .texts(self.namespaces), .texts(self.names)]
    }
}

/// Reads about jobs as such, each in a transaction, so that all of an answer is of one moment.
extension StoreSession {
    /// Reads jobs and the tables that they write.
    ///
    /// - Parameter count: Most records of the page.
    /// - Throws: ``ReadFailure``, which knows what was being read; so do all methods.
    func readJobRecords(
        _ selection: JobSelection,
        _ filter: JobFilter,
        count: Int,
        isStandby: Bool,
        limit: WaitLimit
    ) throws(ReadFailure) -> JobPage<JobRecord> {
        try self.inMoment(isStandby: isStandby, limit: limit) { snapshot throws(ReadFailure) in
            try self.jobRecords(selection, filter, count: count, snapshot, limit: limit)
        }
    }

    /// Reads what a revision of a dataset stands for, and the jobs that were scheduled for it.
    ///
    /// - Returns: `nil` if there is no such revision of the dataset.
    func readDatasetJobs(
        _ dataset: DatasetName,
        _ revision: DatasetRevision,
        above job: Int64,
        _ filter: JobFilter,
        count: Int,
        isStandby: Bool,
        limit: WaitLimit
    ) throws(ReadFailure) -> (manifestHash: String, page: JobPage<JobRecord>)? {
        try self.inMoment(isStandby: isStandby, limit: limit) { snapshot throws(ReadFailure) in
            var found: String?
            try self.read(.revision, [Self.query(revision, of: dataset)], limit: limit) {
                _,
                row throws(PostgresError) in
                found = try row.string(0)
            }
            guard let hash = found else { return nil }
            let selection = JobSelection.scheduled(for: dataset, manifestHash: hash, above: job)
            let page = try self.jobRecords(selection, filter, count: count, snapshot, limit: limit)
            return (hash, page)
        }
    }

    /// Reads what happened to a job, if it is there and `shows` says so.
    ///
    /// - Returns: `nil` if it is not.
    func readJobEvents(
        of job: JobID,
        _ selection: JobEventSelection,
        count: Int,
        isStandby: Bool,
        shows: (JobPlan) -> Bool,
        limit: WaitLimit
    ) throws(ReadFailure) -> (plan: JobPlan, page: JobPage<JobEventRecord>)? {
        try self.inMoment(isStandby: isStandby, limit: limit) { snapshot throws(ReadFailure) in
            var found: JobPlan?
            let ids = [Parameter.int64s([job.rawValue])]
            let queries = [Query(self.statements.jobs, ids), Query(self.statements.tables, ids)]
            try self.read(.job, queries, limit: limit) { index, row throws(PostgresError) in
                if index == 0 { found = try row.jobPlan() }
                if index == 1 { found?.tables.append(try row.jobTable()) }
            }
            guard let plan = found, shows(plan) else { return nil }
            var page = JobPage<JobEventRecord>(snapshot: snapshot, records: [])
            let query = selection.query(of: job, self.statements, count: count + 1)
            try self.read(selection.subject, [query], limit: limit) {
                _,
                row throws(PostgresError) in
                page.records.append(try row.jobEvent())
            }
            page.cut(to: count)
            return (plan, page)
        }
    }

    private func jobRecords(
        _ selection: JobSelection,
        _ filter: JobFilter,
        count: Int,
        _ snapshot: Snapshot,
        limit: WaitLimit
    ) throws(ReadFailure) -> JobPage<JobRecord> {
        var page = JobPage<JobRecord>(snapshot: snapshot, records: [])
        let query = self.query(selection, filter, count: count + 1)
        try self.read(selection.subject, [query], limit: limit) { _, row throws(PostgresError) in
            page.records.append(try row.jobRecord())
        }
        page.cut(to: count)
        guard !page.records.isEmpty else { return page }
        var tables: [JobID: [JobTable]] = [:]
        let ids = [Parameter.int64s(page.records.map(\.plan.id.rawValue))]
        try self.read(.tables, [Query(self.statements.tables, ids)], limit: limit) {
            _,
            row throws(PostgresError) in
            guard let job = JobID(rawValue: try row.int64(0)) else { return }
            tables[job, default: []].append(try row.jobTable())
        }
        for index in page.records.indices {
            page.records[index].plan.tables = tables[page.records[index].plan.id] ?? []
        }
        return page
    }

    private func inMoment<Value>(
        isStandby: Bool,
        limit: WaitLimit,
        _ body: (Snapshot) throws(ReadFailure) -> Value
    ) throws(ReadFailure) -> Value {
        var found: Snapshot?
        let begin = [
            Query(Statements.begin), Query(self.statements.lockTablesPatiently),
            Query(Statements.snapshot),
        ]
        try self.read(.moment, begin, limit: limit) { index, row throws(PostgresError) in
            if index == 2 { found = try row.snapshot(0, isComplete: !isStandby) }
        }
        guard let snapshot = found else {
            throw ReadFailure(.moment, PostgresError(.invalidValue, "there is no snapshot"))
        }
        try self.checkEra(limit: limit)
        let value = try body(snapshot)
        try self.read(.moment, [Query(Statements.commit)], limit: limit) { _, _ in }
        return value
    }

    /// - Throws: What a table that is gone gives, if the tables are of a later era than the session's:
    ///   then another session reads.
    private func checkEra(limit: WaitLimit) throws(ReadFailure) {
        let expected: [Bool]
        switch self.era {
        case .c: expected = [false, false, false]
        case .d: expected = [false, false, true]
        case .e: expected = [false, true, true]
        case .f, .g: return
        }
        var marks: [Bool] = []
        try self.read(.job, [Query(Statements.eraMarks)], limit: limit) {
            _,
            row throws(PostgresError) in
            for column in 0..<expected.count { marks.append(try row.bool(column)) }
        }
        guard marks == expected else {
            let text = "Amp's tables are not of era \(self.era.rawValue) any more"
            throw ReadFailure(
                .job,
                PostgresError(.statementFailed, text, state: .undefinedTable)
            )
        }
    }

    private func read(
        _ subject: ReadFailure.Subject,
        _ queries: [Query],
        limit: WaitLimit,
        row: (Int, borrowing Row) throws(PostgresError) -> Void
    ) throws(ReadFailure) {
        do throws(PostgresError) {
            try self.connection.run(queries, limit: limit, row: row)
        } catch {
            throw ReadFailure(subject, error)
        }
    }

    private var statements: AmpStatements { .of(self.era) }

    private func query(
        _ selection: JobSelection,
        _ filter: JobFilter,
        count: Int
    ) -> Query {
        let scope = filter.parameters
        switch selection {
        case .newest(let below, let statuses):
            return Query(
                self.statements.jobList,
                scope + [.int64(below ?? .max), .texts(statuses), .int64(Int64(count))]
            )
        case .scheduled(let dataset, let hash, let above):
            return Query(
                self.statements.datasetJobList,
                scope + [
                    .int64(above), .text(dataset.namespace), .text(dataset.name), .text(hash),
                    .int64(Int64(count)),
                ]
            )
        case .one(let job):
            return Query(self.statements.job, scope + [.int64(job.rawValue)])
        }
    }

    private static func query(_ revision: DatasetRevision, of dataset: DatasetName) -> Query {
        let names = [Parameter.text(dataset.namespace), .text(dataset.name)]
        switch revision {
        case .tag(let version): return Query(Statements.datasetTag, names + [.text(version)])
        case .manifestHash(let hash):
            return Query(Statements.datasetManifest, names + [.text(hash)])
        }
    }
}

/// Which events of a job to read.
enum JobEventSelection: Equatable, Sendable {
    /// Those above an id, from the lowest up, without details.
    case all(above: Int64)
    case one(Int64)

    fileprivate var subject: ReadFailure.Subject {
        switch self {
        case .all: .events
        case .one: .event
        }
    }

    fileprivate func query(
        of job: JobID,
        _ statements: AmpStatements,
        count: Int
    ) -> Query {
        switch self {
        case .all(let above):
            Query(
                statements.events,
                [.int64(job.rawValue), .int64(above), .int64(Int64(count))]
            )
        case .one(let event):
            Query(statements.event, [.int64(job.rawValue), .int64(event)])
        }
    }
}

extension Row {
    /// A row of ``AmpStatements/jobList`` and its like.
    fileprivate func jobRecord() throws(PostgresError) -> JobRecord {
        guard let id = JobID(rawValue: try self.int64(0)) else {
            throw PostgresError(.invalidValue, "a job has a number below 1")
        }
        var dataset: DatasetName?
        if let namespace = self.stringIfPresent(6), let name = self.stringIfPresent(7) {
            dataset = DatasetName(namespace: namespace, name: name)
        }
        return JobRecord(
            plan: JobPlan(id: id, status: try self.string(4), dataset: dataset, tables: []),
            createdAt: try self.int64(1),
            updatedAt: try self.int64(2),
            nodeID: try self.string(3),
            descriptor: self.isNull(5) ? nil : try self.withJSON(5, compactJSON)
        )
    }

    /// A row of ``AmpStatements/events`` or ``AmpStatements/event``.
    fileprivate func jobEvent() throws(PostgresError) -> JobEventRecord {
        JobEventRecord(
            id: try self.int64(0),
            createdAt: try self.int64(1),
            nodeID: try self.string(2),
            type: try self.string(3),
            detail: self.isNull(4) ? nil : try self.withJSON(4, compactJSON)
        )
    }
}
