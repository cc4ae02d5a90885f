import ProgressPostgres
import ServiceLifecycle

/// Prunes the change log once a minute while the server runs, if its role may.
///
/// A role that may only read leaves that to `progress-server tracking prune`.
final class LogPruning: Service {
    private let conninfo: String
    private let interval: Duration
    private let pruner: TrackingPruner
    private let observe: @Sendable (Observation) -> Void

    init(
        conninfo: String,
        interval: Duration = .seconds(60),
        pruner: TrackingPruner = TrackingPruner(),
        observe: @escaping @Sendable (Observation) -> Void
    ) {
        self.conninfo = conninfo
        self.interval = interval
        self.pruner = pruner
        self.observe = observe
    }

    /// Prunes until a graceful shutdown, or the cancellation of the task.
    func run() async throws {
        await repeatUntilShutdown(every: self.interval) { await self.pruneOnce() }
    }

    /// Prunes now, if this role may; a failure is only worth a line of the log.
    func pruneOnce() async {
        do {
            try await DedicatedThread.run(named: "log-pruning") { try self.prune() }
        } catch {
            self.observe(.pruningFailed("\(error)"))
        }
    }

    private func prune() throws(PostgresError) {
        let limit = WaitLimit.after(.seconds(30))
        let connection = try PostgresConnection(
            conninfo: self.conninfo,
            settings: SessionSettings(
                applicationName: "progress-server pruning",
                isReadOnly: false,
                statementTimeout: .seconds(30),
                lockTimeout: .seconds(2)
            ),
            limit: limit,
            canceller: StatementCanceller(limit: 1)
        )
        try connection.run(script: "SET search_path = pg_catalog", limit: limit)
        var mayPrune = false
        try connection.run([Query(Self.permission)], limit: limit) {
            _,
            values throws(PostgresError) in
            mayPrune = try values.bool(0)
        }
        guard mayPrune else { return }
        _ = try self.pruner.prune(on: connection, limit: limit)
    }

    /// Whether there is a log that this role may prune: boolean.
    private static let permission = Statement(
        name: "may_prune",
        sql: """
            SELECT NOT pg_is_in_recovery() AND 2 = (
                   SELECT count(*) FROM pg_class AS c
                     JOIN pg_namespace AS n ON n.oid = c.relnamespace
                    WHERE n.nspname = 'progress' AND has_schema_privilege(n.oid, 'USAGE')
                      AND (c.relname = 'log' AND has_table_privilege(c.oid, 'DELETE')
                           OR c.relname = 'horizon' AND has_table_privilege(c.oid, 'DELETE')
                              AND has_table_privilege(c.oid, 'INSERT')))
            """
    )
}
