/// The life of a database that an archive is of.
///
/// Ids of files and numbers of transactions mean the same only within one life: a restored copy, a
/// promoted standby or a server that lost commits in a crash may give them again to others.
struct ArchiveIdentity: Equatable, Sendable {
    /// Most bytes of a database's name.
    static let databaseByteLimit = 255
    /// Most transactions between writing and reading: from there on the 32 bits of a row version
    /// could be another transaction's.
    static let transactionLimit: UInt64 = 1 << 31

    /// What `initdb` gave the cluster.
    var systemIdentifier: UInt64
    /// The name of the database in the cluster.
    var database: String
    /// When the postmaster started, in microseconds since 1970-01-01 UTC, by the database's clock.
    var postmasterStartTime: Int64
    /// When its statistics began: `pg_stat_bgwriter.stats_reset` in the same unit, 0 for NULL.
    ///
    /// The recovery from a crash begins them anew, while the postmaster may live on: it can have
    /// lost commits, and give their numbers to others.
    var statisticsStartTime: Int64
    /// The end of a snapshot (its `xmax`, with the epoch): every file of the archive was written by
    /// a transaction before.
    var xmax: UInt64

    /// Checks that an archive of this identity holds for `present`, which was found just now.
    ///
    /// - Throws: ``ArchiveError`` with code `foreign`.
    func check(against present: Self) throws(ArchiveError) {
        guard self.systemIdentifier == present.systemIdentifier else {
            throw .foreign("of database system \(self.systemIdentifier)", present.systemIdentifier)
        }
        guard self.database == present.database else {
            throw .foreign("of database '\(self.database)'", "'\(present.database)'")
        }
        guard self.postmasterStartTime == present.postmasterStartTime else {
            throw .foreign(
                "of a PostgreSQL started at \(self.postmasterStartTime) µs",
                "started at \(present.postmasterStartTime) µs"
            )
        }
        guard self.statisticsStartTime == present.statisticsStartTime else {
            throw .foreign(
                "of a PostgreSQL with statistics since \(self.statisticsStartTime) µs",
                "since \(present.statisticsStartTime) µs: it may have recovered from a crash"
            )
        }
        guard present.xmax >= self.xmax, present.xmax - self.xmax <= Self.transactionLimit else {
            throw .foreign(
                "of transactions before \(self.xmax)",
                "\(present.xmax), which must not be lower or more than \(Self.transactionLimit) ahead"
            )
        }
    }
}
