import ProgressPostgres

extension RandomWriter {
    /// Below so many files, a revision is filled up; above, garbage is collected.
    private static let fileCounts: ClosedRange<Int64> = 10...40

    /// Changes the files of any revision, and keeps it neither empty nor large.
    mutating func changeFiles(_ action: Action) throws(PostgresError) {
        guard let revision = try self.anyID(of: "physical_table_revisions") else { return }
        let id = Parameter.int64(revision)
        let fileCount = try self.session.int64(
            "SELECT count(*) FROM file_metadata WHERE location_id = $1",
            [id]
        )
        switch action {
        case .truncate:
            // The others refer to the first, and are empty here.
            try self.transaction { session throws(PostgresError) in
                try session.execute("TRUNCATE file_metadata, footer_cache, gc_manifest")
            }
        case _ where fileCount < Self.fileCounts.lowerBound:
            let size = self.number(in: 1...999)
            try self.transaction { session throws(PostgresError) in
                try session.execute("SELECT traffic.fill($1, 12, $2)", [id, .int64(size)])
            }
        case _ where action == .collectGarbage || fileCount > Self.fileCounts.upperBound:
            try self.transaction { session throws(PostgresError) in
                try session.execute(
                    """
                    DELETE FROM file_metadata WHERE id IN (
                        SELECT id FROM traffic.files WHERE location_id = $1
                         ORDER BY first LIMIT $2)
                    """,
                    [id, .int64(fileCount / 2)]
                )
            }
        case .append, .appendLateID, .appendAfterSavepoint:
            try self.append(to: revision, action)
        case .updateFile: try self.updateFile(of: revision)
        case .replaceFile, .compact: try self.compact(revision, inSteps: false, action)
        case .compactInTwoSteps: try self.compact(revision, inSteps: true, action)
        case .moveFile: try self.moveFile(of: revision)
        default: try self.deleteFiles(of: revision)
        }
    }

    /// An id may be drawn long before the transaction that uses it begins.
    private mutating func append(to revision: Int64, _ action: Action) throws(PostgresError) {
        let first = try self.session.int64("SELECT traffic.next_block($1)", [.int64(revision)])
        let file = try self.session.int64("SELECT traffic.next_id()")
        if action == .appendLateID { try self.session.execute("SELECT pg_sleep(0.003)") }
        // Often equal, so that the id has to decide.
        let seconds = self.number(in: 1_700_000_000...1_700_000_009)
        let values: [Parameter] = [
            .int64(file), .int64(revision), .int64(first), .int64(first + 9), .int64(seconds),
            .int64(self.number(in: 1...9_999)),
        ]
        let sql = "SELECT traffic.add_file($1, $2, $3, $4, $5, $6)"
        let isRepeated = self.chance(of: 10)
        try self.transaction { session throws(PostgresError) in
            if action == .appendAfterSavepoint {
                try session.execute("SAVEPOINT s")
                try session.execute(sql, values)
                try session.execute(
                    "DELETE FROM file_metadata WHERE location_id = $1",
                    [.int64(revision)]
                )
                try session.execute("ROLLBACK TO SAVEPOINT s")
            }
            try session.execute(sql, values)
            // Changes nothing: the file is there.
            if isRepeated { try session.execute(sql, values) }
        }
    }

    private mutating func updateFile(of revision: Int64) throws(PostgresError) {
        guard let file = try self.anyID(of: "file_metadata", where: "location_id = \(revision)")
        else { return }
        let changesDocument = self.chance(of: 40)
        let number = self.number(in: 1...9_999)
        try self.transaction { session throws(PostgresError) in
            try session.execute(
                changesDocument
                    ? """
                    UPDATE file_metadata SET metadata =
                           jsonb_set(metadata, '{created_at,secs}', to_jsonb(1700000000 + $2))
                     WHERE id = $1
                    """ : "UPDATE file_metadata SET object_size = $2 WHERE id = $1",
                [.int64(file), .int64(number)]
            )
        }
    }

    /// Oldest, newest or any.
    private mutating func deleteFiles(of revision: Int64) throws(PostgresError) {
        let order =
            self.chance(of: 50) ? "first" : self.chance(of: 70) ? "last DESC" : "md5(id::text)"
        let count = self.number(in: 1...3)
        let files = try self.session.ids(
            "SELECT id FROM traffic.files WHERE location_id = $1 ORDER BY \(order) LIMIT $2",
            [.int64(revision), .int64(count)]
        )
        try self.transaction { session throws(PostgresError) in
            try session.execute("DELETE FROM file_metadata WHERE id = ANY($1)", [.int64s(files)])
        }
    }

    /// Merges files that follow each other, or replaces one by its like, in one transaction or two.
    private mutating func compact(
        _ revision: Int64,
        inSteps: Bool,
        _ action: Action
    ) throws(PostgresError) {
        let place = self.number(in: 0...6)
        let count = action == .replaceFile ? 1 : self.number(in: 2...4)
        var parents: [Int64] = []
        var (first, last) = (Int64.max, Int64(0))
        try self.session.query(
            """
            SELECT id, first, last FROM traffic.files WHERE location_id = $1
             ORDER BY first, id OFFSET $2 LIMIT $3
            """,
            [.int64(revision), .int64(place), .int64(count)]
        ) { row throws(PostgresError) in
            parents.append(try row.int64(0))
            first = min(first, try row.int64(1))
            last = max(last, try row.int64(2))
        }
        guard !parents.isEmpty else { return }
        let values: [Parameter] = [
            .int64(revision), .int64(first), .int64(last),
            .int64(self.number(in: 1_700_000_000...1_700_000_999)),
            .int64(self.number(in: 1...9_999)),
        ]
        let insert = "SELECT traffic.add_file(traffic.next_id(), $1, $2, $3, $4, $5)"
        let delete = "DELETE FROM file_metadata WHERE id = ANY($1)"
        try self.transaction { session throws(PostgresError) in
            try session.execute(insert, values)
            if !inSteps { try session.execute(delete, [.int64s(parents)]) }
        }
        guard inSteps else { return }
        try self.transaction { session throws(PostgresError) in
            try session.execute(delete, [.int64s(parents)])
        }
    }

    private mutating func moveFile(of revision: Int64) throws(PostgresError) {
        guard let file = try self.anyID(of: "file_metadata", where: "location_id = \(revision)"),
            let other = try self.anyID(of: "physical_table_revisions")
        else { return }
        try self.transaction { session throws(PostgresError) in
            try session.execute(
                "UPDATE file_metadata SET location_id = $2 WHERE id = $1",
                [.int64(file), .int64(other)]
            )
        }
    }
}
