import ProgressPostgres

/// Which life of which database this is.
///
/// Within one, a row's number and version name its content: a transaction number is given once. A
/// crash ends a life even if the postmaster survives it, as transactions whose commit had not reached
/// the disk are undone and their numbers given again; the statistics, which a crash resets, tell.
/// Resetting them by hand only costs what is held.
struct DatabaseIdentity: Equatable, Sendable {
    /// What `initdb` gave the cluster.
    var systemIdentifier: Int64
    var database: String
    /// In microseconds since 1970, by the database's clock.
    var postmasterStartTime: Int64
    /// In the same unit; 0 if they never were.
    var statisticsResetTime: Int64

    /// Whether two sessions that live are of one server; the statistics, which tell of a crash, may be
    /// reset while both do.
    func isSameServer(as other: Self) -> Bool {
        self.systemIdentifier == other.systemIdentifier && self.database == other.database
            && self.postmasterStartTime == other.postmasterStartTime
    }
}

extension PostgresConnection {
    /// Which life of which database this is, the next transaction number, and whether it is a standby.
    func readIdentity(
        limit: WaitLimit
    ) throws(PostgresError) -> (DatabaseIdentity, nextTransaction: UInt64, isStandby: Bool) {
        var result: (DatabaseIdentity, UInt64, Bool)?
        try self.run([Query(Statements.identity)], limit: limit) { _, row throws(PostgresError) in
            let isStandby = try row.bool(5)
            result = (
                DatabaseIdentity(
                    systemIdentifier: try row.int64(0),
                    database: try row.string(1),
                    postmasterStartTime: try row.int64(2),
                    statisticsResetTime: try row.int64(3)
                ),
                try row.snapshot(4, isComplete: !isStandby).xmax,
                isStandby
            )
        }
        guard let result else { throw PostgresError(.invalidValue, "there is no identity") }
        return result
    }

    /// How far a standby is behind, and whether it still is one.
    func readReplayLag(limit: WaitLimit) throws(PostgresError) -> (Duration, isStandby: Bool) {
        var result = (Duration.zero, true)
        try self.run(single: Query(Statements.replayLag), limit: limit) {
            row throws(PostgresError) in
            result = (.milliseconds(try row.int64(0)), try row.bool(1))
        }
        return result
    }
}
