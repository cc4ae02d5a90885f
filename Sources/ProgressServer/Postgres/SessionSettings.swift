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
    package static func reader(applicationName: String) -> Self {
        Self(
            applicationName: applicationName,
            isReadOnly: true,
            statementTimeout: .seconds(30),
            lockTimeout: .seconds(15)
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

    /// One statement per setting, sent as one script.
    var script: String {
        var settings = [
            "SET TIME ZONE 'UTC'",
            "SET statement_timeout = \(self.statementTimeout.wholeMilliseconds)",
            "SET lock_timeout = \(self.lockTimeout.wholeMilliseconds)",
            "SET default_transaction_read_only = \(self.isReadOnly ? "on" : "off")",
        ]
        if self.isReadOnly {
            settings += [
                "SET idle_in_transaction_session_timeout = 30000",
                "SET plan_cache_mode = force_generic_plan",
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
