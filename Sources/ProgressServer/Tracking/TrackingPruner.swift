import ProgressPostgres

/// Deletes the rows of the log that no server can still need.
///
/// A server asks for what was not finished when it last asked, and never relies on a moment more than
/// five minutes ago. So rows of transactions that were finished before a moment ten minutes ago are of
/// no use. Those moments, horizons, are noted in the database at each run: a command remembers nothing.
///
/// The oldest horizon in the table is always at or behind what was deleted: it is the last to go, before
/// any row. So a server whose moment has an xmin below the least `progress.horizon.xid`, in the snapshot
/// in which it asks, may have missed rows and must read everything anew.
struct TrackingPruner: Sendable {
    /// How old a horizon must be to be used, in whole seconds.
    var age: Duration = .seconds(600)
    /// At most one horizon is noted in this time, in whole seconds.
    var horizonInterval: Duration = .seconds(60)
    /// Rows deleted in one transaction.
    var batchRowCount: Int64 = 10_000
    /// Transactions of one run.
    var batchLimit = 1_000

    /// What a run did.
    struct Outcome: Equatable, Sendable {
        var removedRowCount: Int64 = 0
        /// Whether rows are left that could go.
        var isComplete = false
    }

    /// Notes the present moment and deletes, on a session whose role may SELECT, INSERT and DELETE on
    /// `progress.horizon`, SELECT and DELETE on `progress.log`.
    func prune(
        on connection: PostgresConnection,
        limit: WaitLimit
    ) throws(PostgresError) -> Outcome {
        try connection.run(
            [
                Query(Statements.dropForeignHorizons),
                Query(Statements.noteHorizon, [.int64(self.horizonInterval.components.seconds)]),
                Query(Statements.dropOldHorizons, [.int64(self.age.components.seconds)]),
            ],
            limit: limit
        ) { _, _ in }
        let (age, batch) = (self.age.components.seconds, self.batchRowCount)
        let deletions = [
            Query(Statements.deleteForeignRows, [.int64(batch)]),
            Query(Statements.deleteRows, [.int64(age), .int64(batch)]),
        ]
        var outcome = Outcome()
        var step = 0
        for _ in 0..<self.batchLimit where step < deletions.count {
            let count = try connection.int64(deletions[step], limit: limit) ?? 0
            outcome.removedRowCount += count
            if count < batch { step += 1 }
        }
        outcome.isComplete = step == deletions.count
        return outcome
    }

    private enum Statements {
        /// After a restore into another cluster.
        static let dropForeignHorizons = Statement(
            name: "prune_foreign_horizons",
            sql: """
                DELETE FROM progress.horizon
                 WHERE xid > pg_catalog.pg_snapshot_xmin(pg_catalog.pg_current_snapshot())
                """
        )

        /// The clock is read after the snapshot is taken, so that no horizon looks older than it is.
        static let noteHorizon = Statement(
            name: "prune_note_horizon",
            sql: """
                INSERT INTO progress.horizon (taken_at, xid)
                SELECT clock_timestamp(),
                       pg_catalog.pg_snapshot_xmin(pg_catalog.pg_current_snapshot())
                 WHERE NOT EXISTS (SELECT FROM progress.horizon
                                    WHERE taken_at > clock_timestamp() - $1 * interval '1 second'
                                          AND taken_at <= clock_timestamp())
                """
        )

        /// Keeps the newest that is $1 seconds old.
        static let dropOldHorizons = Statement(
            name: "prune_old_horizons",
            sql: """
                DELETE FROM progress.horizon
                 WHERE (xid, taken_at) <
                       (SELECT xid, taken_at FROM progress.horizon
                         WHERE taken_at <= clock_timestamp() - $1 * interval '1 second'
                         ORDER BY xid DESC, taken_at DESC LIMIT 1)
                """
        )

        /// Deletes at most $2 rows below the oldest horizon, if that is $1 seconds old: count bigint.
        static let deleteRows = Statement(
            name: "prune_rows",
            sql: """
                WITH deleted AS (
                    DELETE FROM progress.log WHERE ctid = ANY (ARRAY(
                        SELECT ctid FROM progress.log
                         WHERE xid < (SELECT o.xid
                                        FROM (SELECT xid, taken_at FROM progress.horizon
                                               ORDER BY xid, taken_at LIMIT 1) AS o
                                       WHERE o.taken_at <=
                                             clock_timestamp() - $1 * interval '1 second')
                         ORDER BY xid LIMIT $2))
                    RETURNING 1)
                SELECT count(*) FROM deleted
                """
        )

        /// Deletes at most $1 rows that cannot be of this cluster, as their transactions are yet to come:
        /// count bigint.
        static let deleteForeignRows = Statement(
            name: "prune_foreign_rows",
            sql: """
                WITH deleted AS (
                    DELETE FROM progress.log WHERE ctid = ANY (ARRAY(
                        SELECT ctid FROM progress.log
                         WHERE xid >= pg_catalog.pg_snapshot_xmax(pg_catalog.pg_current_snapshot())
                         ORDER BY xid LIMIT $1))
                    RETURNING 1)
                SELECT count(*) FROM deleted
                """
        )
    }
}
