import ProgressPostgres

/// What makes held answers current.
extension Statements {
    /// Which life of which database this is: system identifier bigint, database text, start of the
    /// postmaster and reset of the statistics in microseconds bigint, next transaction pg_snapshot,
    /// standby boolean.
    ///
    /// After a crash of a backend the postmaster lives on, but its statistics begin anew; and then
    /// transactions that had not reached the disk are gone and their numbers are given again.
    static let identity = Statement(
        name: "identity",
        sql: """
            SELECT (SELECT c.system_identifier FROM pg_control_system() AS c),
                   current_database()::text,
                   (extract(epoch FROM pg_postmaster_start_time()) * 1000000)::bigint,
                   coalesce((extract(epoch FROM pg_stat_get_bgwriter_stat_reset_time())
                             * 1000000)::bigint, 0),
                   pg_current_snapshot(), pg_is_in_recovery()
            """
    )

    /// Of a standby: how old the last transaction is that it has replayed, in milliseconds bigint;
    /// 0 if it has replayed all that it has received; and whether it still is one boolean.
    static let replayLag = Statement(
        name: "replay_lag",
        sql: """
            SELECT CASE WHEN NOT pg_is_in_recovery()
                          OR pg_last_wal_receive_lsn() = pg_last_wal_replay_lsn() THEN 0
                        ELSE coalesce(greatest(0, extract(epoch FROM clock_timestamp()
                             - pg_last_xact_replay_timestamp()) * 1000), 0)::bigint END,
                   pg_is_in_recovery()
            """
    )
}
