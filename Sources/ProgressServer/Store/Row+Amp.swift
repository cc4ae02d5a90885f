import ProgressChain
import ProgressPostgres

/// Rows of ``Statements`` as values.
extension Row {
    func snapshot(_ column: Int, isComplete: Bool) throws(PostgresError) -> Snapshot {
        try self.withBytes(column) { bytes throws(PostgresError) in
            try Snapshot(decoding: bytes, isComplete: isComplete)
        }
    }

    /// A row of the log, from a statement of ``LogStatements``.
    func logChange() throws(PostgresError) -> LogChange {
        let kind = self.withBytes(0) { $0.count == 1 ? $0[0] : 0 }
        var ids: [Int64] = []
        try self.forEachInteger(2) { ids.append(Int64(bitPattern: $0)) }
        return LogChange(kind: kind, key: try self.int64(1), ids: self.isNull(2) ? nil : ids)
    }

    /// A row of ``AmpStatements/jobs``.
    func jobPlan() throws(PostgresError) -> JobPlan {
        guard let id = JobID(rawValue: try self.int64(0)) else {
            throw PostgresError(.invalidValue, "a job has a number below 1")
        }
        var dataset: DatasetName?
        if let namespace = self.stringIfPresent(2), let name = self.stringIfPresent(3) {
            dataset = DatasetName(namespace: namespace, name: name)
        }
        return JobPlan(
            id: id,
            status: try self.string(1),
            dataset: dataset,
            tables: [],
            endBlock: self.stringIfPresent(4),
            statusSince: try self.int64IfPresent(5)
        )
    }

    /// A row of ``AmpStatements/tables``.
    func jobTable() throws(PostgresError) -> JobTable {
        JobTable(
            name: try self.string(5),
            dataset: DatasetName(namespace: try self.string(2), name: try self.string(3)),
            manifestHash: try self.string(4),
            revision: RevisionID(rawValue: try self.int64(1))
        )
    }

    /// A row of ``Statements/files`` or ``Statements/filesByID``, decoded where it lies.
    ///
    /// - Parameter start: The column of its number.
    func file(startingAt start: Int = 0, names: NetworkNames) throws(PostgresError) -> FileRow {
        let id = FileID(rawValue: try self.int64(start))
        let size = try self.int64IfPresent(start + 1)
        let segment = try self.withJSON(start + 2) { metadata in
            Result { () throws(FileRowError) in
                try Segment(id: id, objectSize: size, metadata: metadata, names: names)
            }
        }
        return FileRow(
            id: id,
            revision: RevisionID(rawValue: try self.int64(start + 4)),
            version: RowVersion(rawValue: try self.transactionID(start + 3)),
            segment: segment
        )
    }

    /// A row of ``Statements/fileVersions``.
    func fileVersions() throws(PostgresError) -> FileVersions {
        var versions = FileVersions()
        try self.forEachInteger(1) { bits in
            versions.append(id: FileID(rawValue: Int64(bitPattern: bits)))
        }
        try self.forEachInteger(2) { bits in
            versions.append(version: RowVersion(rawValue: UInt32(truncatingIfNeeded: bits)))
        }
        guard versions.ids.count == versions.versions.count else {
            throw PostgresError(.invalidValue, "files and versions differ in number")
        }
        return versions
    }
}
