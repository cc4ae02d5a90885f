import ProgressPostgres

extension RandomWriter {
    private static let statuses = [
        "SCHEDULED", "RUNNING", "running", "STOP_REQUESTED", "COMPLETED", "ERROR", "ERROR", "FATAL",
    ]

    /// A job goes to another status, with the event that says so; sometimes to the one it has.
    mutating func setStatus() throws(PostgresError) {
        guard let job = try self.anyID(of: "jobs") else { return }
        let status = Self.statuses.randomElement(using: &self.random) ?? "RUNNING"
        let number = self.number(in: 0...4)
        let detail: Parameter =
            switch status {
            case "SCHEDULED": .text(Self.descriptor(ofNamespace: "ns\(number)"))
            case "ERROR", "FATAL":
                number == 0
                    ? .null
                    : .text(#"{"error_code":"E\#(number)","error_context":{"a":[1,"b c"]}}"#)
            default: .null
            }
        try self.transaction { session throws(PostgresError) in
            try session.execute(
                "UPDATE jobs_status SET status = $2, updated_at = now() WHERE job_id = $1",
                [.int64(job), .text(status)]
            )
            try session.execute(Self.addEvent, [.int64(job), .text(status.uppercased()), detail])
        }
    }

    /// Another revision becomes active, or, in the second dataset, sometimes none.
    mutating func switchRevision(in dataset: String) throws(PostgresError) {
        guard
            let table = try self.anyID(of: "physical_tables", where: "dataset_name = '\(dataset)'"),
            let revision = try self.anyID(
                of: "physical_table_revisions",
                where: "writer IS NOT NULL"
            )
        else { return }
        let isEnd = dataset == "copy" && self.chance(of: 40)
        let sql = "UPDATE physical_tables SET active_revision_id = $2 WHERE id = $1"
        try self.transaction { session throws(PostgresError) in
            try session.execute(
                "UPDATE physical_tables SET active_revision_id = NULL WHERE id = $1",
                [.int64(table)]
            )
            if !isEnd { try session.execute(sql, [.int64(table), .int64(revision)]) }
        }
    }

    mutating func reassignRevision() throws(PostgresError) {
        guard let job = try self.anyID(of: "jobs"),
            let revision = try self.anyID(of: "physical_table_revisions")
        else { return }
        try self.transaction { session throws(PostgresError) in
            try session.execute(
                "UPDATE physical_table_revisions SET writer = $2 WHERE id = $1",
                [.int64(revision), .int64(job)]
            )
        }
    }

    /// A revision is deleted with its files, and a new one takes its place.
    mutating func replaceRevision() throws(PostgresError) {
        guard let job = try self.anyID(of: "jobs"),
            let revision = try self.anyID(of: "physical_table_revisions")
        else { return }
        let number = self.number(in: 1...Int64.max)
        try self.transaction { session throws(PostgresError) in
            let tables = try session.ids(
                "SELECT id FROM physical_tables WHERE active_revision_id = $1",
                [.int64(revision)]
            )
            try session.execute(
                "DELETE FROM physical_table_revisions WHERE id = $1",
                [.int64(revision)]
            )
            let new = try session.int64(
                "INSERT INTO physical_table_revisions (path, writer) VALUES ($1, $2) RETURNING id",
                [.text("\(number)"), .int64(job)]
            )
            try session.execute("SELECT traffic.fill($1, 15, 100)", [.int64(new)])
            try session.execute(
                "UPDATE physical_tables SET active_revision_id = $1 WHERE id = ANY($2)",
                [.int64(new), .int64s(tables)]
            )
        }
    }

    /// A job is deleted, and a new one takes over its revisions, at once or after a while.
    mutating func replaceJob() throws(PostgresError) {
        guard let job = try self.anyID(of: "jobs") else { return }
        let key = Parameter.text("\(self.number(in: 1...Int64.max))")
        let detail = Parameter.text(
            Self.descriptor(ofNamespace: "ns\(self.number(in: 0...4))")
        )
        let traffic = self.traffic
        var new = job
        let create = { (session: PostgresSession) throws(PostgresError) in
            new = try session.int64(
                "INSERT INTO jobs (node_id, idempotency_key) VALUES ('n', $1) RETURNING id",
                [key]
            )
            try session.execute(
                "INSERT INTO jobs_status (job_id, node_id, status) VALUES ($1, 'n', 'SCHEDULED')",
                [.int64(new)]
            )
            try session.execute(Self.addEvent, [.int64(new), .text("SCHEDULED"), detail])
            try session.execute(
                "UPDATE physical_table_revisions SET writer = $1 WHERE writer IS NULL",
                [.int64(new)]
            )
        }
        let isOneTransaction = self.chance(of: 50)
        try self.transaction(
            mayRollBack: false,
            { session throws(PostgresError) in
                try session.execute("DELETE FROM jobs WHERE id = $1", [.int64(job)])
                if isOneTransaction { try create(session) }
            },
            beforeCommit: { if isOneTransaction { traffic.replaceJob(job, with: new) } }
        )
        guard !isOneTransaction else { return }
        try self.transaction(
            mayRollBack: false,
            create,
            beforeCommit: { traffic.replaceJob(job, with: new) }
        )
    }

    private static let addEvent = """
        INSERT INTO job_events (job_id, node_id, event_type, detail)
        VALUES ($1, 'n', $2, $3::text::jsonb)
        """

    private static func descriptor(ofNamespace namespace: String) -> String {
        #"{"dataset_namespace":"\#(namespace)","dataset_name":"main","manifest_hash":"h"}"#
    }
}
