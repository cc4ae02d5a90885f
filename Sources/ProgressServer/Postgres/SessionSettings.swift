/// What a session is told right after it opens, whatever its role or database says.
package struct SessionSettings: Sendable {
    /// Shown in `pg_stat_activity`.
    package var applicationName: String
    /// Whether every transaction refuses to write.
    package var isReadOnly: Bool
    /// How long PostgreSQL itself lets a statement run: the net under the caller's deadline.
    package var statementTimeout: Duration
    /// How long PostgreSQL lets a statement wait for a lock.
    package var lockTimeout: Duration

    package init(
        applicationName: String,
        isReadOnly: Bool,
        statementTimeout: Duration,
        lockTimeout: Duration
    ) {
        self.applicationName = applicationName
        self.isReadOnly = isReadOnly
        self.statementTimeout = statementTimeout
        self.lockTimeout = lockTimeout
    }

    /// For sessions that only look: nothing can be written, names resolve to the system catalog
    /// alone, and plans are made once.
    ///
    /// They wait for a lock at most half as long as PostgreSQL waits before it looks for a deadlock: one
    /// with a migration, which may have a table and want another, ends by our wait, and no migration is
    /// its victim.
    package static func reader(
        applicationName: String,
        statementTimeout: Duration = .seconds(30),
        lockTimeout: Duration = .milliseconds(500)
    ) -> Self {
        Self(
            applicationName: applicationName,
            isReadOnly: true,
            statementTimeout: statementTimeout,
            lockTimeout: lockTimeout
        )
    }

    /// For sessions that create and fill tables.
    package static func writer(applicationName: String) -> Self {
        Self(
            applicationName: applicationName,
            isReadOnly: false,
            statementTimeout: .seconds(300),
            lockTimeout: .seconds(60)
        )
    }

    /// Sets limits to none that older versions of PostgreSQL do not know.
    private static let unlimitedSessions = """
        SELECT pg_catalog.set_config(name, '0', false) FROM pg_catalog.pg_settings
         WHERE name IN ('idle_session_timeout', 'transaction_timeout')
        """

    private static let lockTimeoutBelowDeadlock = """
        SELECT pg_catalog.set_config('lock_timeout', greatest(1, least(
                   d.setting::bigint / 2, l.setting::bigint))::text, false)
          FROM pg_catalog.pg_settings AS d, pg_catalog.pg_settings AS l
         WHERE d.name = 'deadlock_timeout' AND l.name = 'lock_timeout'
        """

    /// One statement per setting, sent as one script.
    var script: String {
        var settings = [
            // First, as the role's own may be too short for the rest.
            "SET statement_timeout = \(self.statementTimeout.wholeMilliseconds)",
            "SET lock_timeout = \(self.lockTimeout.wholeMilliseconds)",
            Self.unlimitedSessions,
            "SET TIME ZONE 'UTC'",
            "SET default_transaction_read_only = \(self.isReadOnly ? "on" : "off")",
        ]
        if self.isReadOnly {
            settings += [
                Self.lockTimeoutBelowDeadlock,
                "SET idle_in_transaction_session_timeout = 30000",
                // In a repeatable transaction a statement's snapshot would come before its locks.
                "SET default_transaction_isolation = 'read committed'",
                "SET plan_cache_mode = force_generic_plan",
                // What is asked for by key is in memory; else plans scan whole catalogs for a few rows.
                "SET random_page_cost = 1",
                // To start workers takes longer than any statement of ours.
                "SET max_parallel_workers_per_gather = 0",
                "SET jit = off",
                "SET search_path = pg_catalog",
            ]
        }
        return settings.joined(separator: "; ")
    }
}

extension Duration {
    fileprivate var wholeMilliseconds: Int64 {
        self.components.seconds * 1_000 + self.components.attoseconds / 1_000_000_000_000_000
    }
}
