import ProgressPostgres

extension AmpDatabase {
    /// The job that writes `dataset`, created if need be; to be called in a transaction.
    ///
    /// A new job has an empty active revision of each of `tables`.
    func job(
        writing dataset: SimulatedDataset,
        tables: [String],
        on node: String
    ) throws(PostgresError) -> Int64 {
        let (job, isNew) = try self.job(writing: dataset, on: node)
        if isNew {
            for table in tables {
                let revision = try self.insertRevision(
                    dataset.revisionIdentifier(ofTable: table),
                    ofTable: table,
                    in: dataset,
                    writer: job
                )
                try self.activate(revision: revision, ofTable: table, in: dataset)
            }
        }
        return job
    }
}
