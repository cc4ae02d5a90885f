import ProgressPostgres

/// Fills the demo's database.
enum DemoDatabase {
    /// A job that the demo shows.
    struct Job: Equatable, Sendable {
        var id: Int64
        /// `NAMESPACE/NAME`.
        var dataset: String
        var summary: String
    }

    /// Who wrote the sample.
    static let node = "demo"

    /// Creates Amp's tables if there are none, and writes the sample.
    ///
    /// Blocks its thread.
    ///
    /// - Returns: The jobs of the sample, and how many files the database holds.
    static func prepare(
        _ session: PostgresSession,
        sample: [SampleJob]
    ) throws(PostgresError) -> (jobs: [Job], fileCount: Int64) {
        let tableCount = try session.int64(
            "SELECT count(*) FROM pg_catalog.pg_tables WHERE schemaname = 'public'"
        )
        if tableCount == 0 { try session.execute(AmpSchema.currentScript) }
        let jobs = try self.fill(AmpDatabase(session: session), with: sample)
        return (jobs, try session.int64("SELECT count(*) FROM public.file_metadata"))
    }

    /// Writes the sample, all or nothing; what is there already stays as it is.
    ///
    /// Blocks its thread.
    static func fill(
        _ database: AmpDatabase,
        with sample: [SampleJob]
    ) throws(PostgresError) -> [Job] {
        try database.transaction { () throws(PostgresError) in
            var jobs: [Job] = []
            for job in sample {
                let (id, isNew) = try database.job(writing: job.dataset, on: self.node)
                if isNew { try self.write(job, as: id, into: database) }
                jobs.append(
                    Job(
                        id: id,
                        dataset: "\(job.dataset.namespace)/\(job.dataset.name)",
                        summary: job.summary
                    )
                )
            }
            return jobs
        }
    }

    private static func write(
        _ job: SampleJob,
        as id: Int64,
        into database: AmpDatabase
    ) throws(PostgresError) {
        for table in job.tables {
            for revision in table.revisions {
                let key = try database.insertRevision(
                    revision.identifier,
                    ofTable: table.name,
                    in: job.dataset,
                    writer: id
                )
                _ = try database.insert(revision.files, intoRevision: key)
                try database.activate(revision: key, ofTable: table.name, in: job.dataset)
            }
        }
        var status = "SCHEDULED"
        for next in job.statuses {
            let detail = next == job.statuses.last ? job.detail : nil
            _ = try database.move(job: id, from: status, to: next, detail: detail)
            status = next
        }
    }
}
