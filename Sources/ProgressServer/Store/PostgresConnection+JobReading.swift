import ProgressChain
import ProgressPostgres

extension PostgresConnection {
    /// Reads jobs as of one moment, past all that is held: what they are, then the files of their
    /// tables, one table in memory at a time.
    ///
    /// A failure leaves the transaction open, if the session lives.
    ///
    /// - Parameters:
    ///   - planned: Called with what the jobs are, which it may change.
    ///   - life: The database that is meant; `nil`: any.
    /// - Throws: ``ReadFailure``, which knows what was being read.
    func readJobs(
        _ jobs: [JobID],
        planned: (inout [JobID: JobPlan]) -> Void = { _ in },
        choosing choose: (JobPlan) -> [JobTable],
        era: SchemaEra,
        isStandby: Bool,
        life: DatabaseIdentity? = nil,
        names: NetworkNames,
        limit: WaitLimit
    ) throws(ReadFailure) -> JobReading {
        do throws(PostgresError) {
            if let life { try self.check(life, limit: limit) }
        } catch {
            throw ReadFailure(.moment, error)
        }
        var moment = MomentReading()
        var taken = TakenTransactions()
        try self.read(
            [.begin(isPatient: true), .look(.snapshot), .plans(jobs)],
            into: &moment,
            taken: &taken,
            era: era,
            isStandby: isStandby,
            names: names,
            limit: limit
        )
        guard let snapshot = moment.snapshot else {
            throw ReadFailure(.moment, PostgresError(.invalidValue, "there is no snapshot"))
        }
        planned(&moment.plans)
        var reading = JobReading(snapshot: snapshot, plans: moment.plans)
        for table in moment.plans.values.flatMap(choose)
        where reading.outcomes[table.revision] == nil {
            reading.outcomes[table.revision] = try self.readOutcome(
                of: table,
                names: names,
                limit: limit
            )
        }
        do throws(PostgresError) {
            try self.run([Query(Statements.commit)], limit: limit) { _, _ in }
        } catch {
            throw ReadFailure(.moment, error)
        }
        return reading
    }

    private func readOutcome(
        of table: JobTable,
        names: NetworkNames,
        limit: WaitLimit
    ) throws(ReadFailure) -> TableOutcome {
        var loader = RevisionLoader(names: names)
        let query = Query(Statements.files, [.int64(table.revision.rawValue)])
        do throws(PostgresError) {
            try self.run([query], limit: limit) { _, row throws(PostgresError) in
                _ = try loader.append(row)
            }
        } catch {
            throw ReadFailure(.files(table), error)
        }
        return loader.finish().outcome
    }
}
