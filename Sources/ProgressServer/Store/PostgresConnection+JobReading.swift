import ProgressChain
import ProgressPostgres

extension PostgresConnection {
    /// Reads a job as of one moment, in two round trips: what it is, then the files that are wanted.
    ///
    /// A failure leaves the transaction open, if the session lives.
    ///
    /// - Throws: ``ReadFailure``, which knows what was being read.
    func readJob(
        _ job: JobID,
        choosing choose: (JobPlan) -> [JobTable],
        names: NetworkNames,
        limit: WaitLimit
    ) throws(ReadFailure) -> JobReading {
        var reading = try self.readPlan(of: job, limit: limit)
        var tables: [JobTable] = []
        var revisions: Set<RevisionID> = []
        for table in reading.plan.map(choose) ?? []
        where revisions.insert(table.revision).inserted {
            tables.append(table)
        }
        reading.files = try self.readFiles(of: tables, names: names, limit: limit)
        return reading
    }

    private func readPlan(of job: JobID, limit: WaitLimit) throws(ReadFailure) -> JobReading {
        let id = [Parameter.int64(job.rawValue)]
        let queries = [
            Query(Statements.begin), Query(Statements.snapshot), Query(Statements.job, id),
            Query(Statements.tables, id), Query(Statements.detail, id),
        ]
        var snapshot = ""
        var plan: JobPlan?
        var tables: [JobTable] = []
        var detail: String?
        do throws(PostgresError) {
            try self.run(queries, limit: limit) { index, row throws(PostgresError) in
                switch queries[index].statement {
                case Statements.snapshot:
                    snapshot = try row.string(0)
                case Statements.job:
                    plan = JobPlan(
                        id: job,
                        status: try row.string(0),
                        dataset: dataset(row.stringIfPresent(1), row.stringIfPresent(2)),
                        tables: []
                    )
                case Statements.tables:
                    tables.append(try jobTable(row))
                case Statements.detail where !row.isNull(0):
                    detail = try row.withJSON(0, compactJSON)
                default:
                    break
                }
            }
        } catch {
            let subject: ReadFailure.Subject =
                switch error.statementIndex.map({ queries[$0].statement }) {
                case Statements.tables: .tables
                case Statements.detail: .detail
                default: .job
                }
            throw ReadFailure(subject, error)
        }
        plan?.tables = tables
        plan?.detail = detail
        return JobReading(snapshot: snapshot, plan: plan)
    }

    private func readFiles(
        of tables: [JobTable],
        names: NetworkNames,
        limit: WaitLimit
    ) throws(ReadFailure) -> [RevisionID: RevisionFiles] {
        var files = [RevisionFiles](repeating: RevisionFiles(), count: tables.count)
        let queries = tables.map { Query(Statements.files, [.int64($0.revision.rawValue)]) }
        do throws(PostgresError) {
            try self.run(queries + [Query(Statements.commit)], limit: limit) {
                index,
                row throws(PostgresError) in
                try files[index].append(row, names: names)
            }
        } catch {
            let table = error.statementIndex.flatMap {
                tables.indices.contains($0) ? tables[$0] : nil
            }
            throw ReadFailure(table.map { .files($0) } ?? .job, error)
        }
        return Dictionary(uniqueKeysWithValues: zip(tables.map(\.revision), files))
    }
}

extension RevisionFiles {
    /// Decodes a row of ``Statements/files`` where it lies.
    fileprivate mutating func append(
        _ row: borrowing Row,
        names: NetworkNames
    ) throws(PostgresError) {
        let id = FileID(rawValue: try row.int64(0))
        let size = try row.int64IfPresent(1)
        let decoded = try row.withJSON(2) { metadata in
            Result { () throws(FileRowError) in
                try Segment(id: id, objectSize: size, metadata: metadata, names: names)
            }
        }
        switch decoded {
        case .success(let segment):
            self.segments.append(segment)
        case .failure(let reason):
            if let known = self.undecodable, known.id < id { return }
            self.undecodable = UndecodableFile(id: id, reason: reason)
        }
    }
}

private func dataset(_ namespace: String?, _ name: String?) -> DatasetName? {
    guard let namespace, let name else { return nil }
    return DatasetName(namespace: namespace, name: name)
}

private func jobTable(_ row: borrowing Row) throws(PostgresError) -> JobTable {
    JobTable(
        name: try row.string(4),
        dataset: DatasetName(namespace: try row.string(1), name: try row.string(2)),
        manifestHash: try row.string(3),
        revision: RevisionID(rawValue: try row.int64(0))
    )
}
