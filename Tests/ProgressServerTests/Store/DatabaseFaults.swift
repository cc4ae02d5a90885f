import ProgressPostgres
import TestSupport

extension AmpDatabase {
    /// Runs a script, blocking the thread: for a thread of the store's.
    func onThisThread(_ script: String) throws {
        try PostgresSession(conninfo: self.conninfo).execute(script)
    }

    /// The processes of the store's sessions.
    func sessionProcesses() async throws -> [Int32] {
        try await self.write { session in
            var processes: [Int32] = []
            try session.query(
                """
                SELECT pid::bigint FROM pg_stat_activity
                 WHERE datname = current_database() AND application_name = 'progress-server'
                """
            ) { row throws(PostgresError) in
                processes.append(Int32(truncatingIfNeeded: try row.int64(0)))
            }
            return processes
        }
    }

    /// Calls `pg_terminate_backend` or `pg_cancel_backend` for the store's sessions.
    func signalSessions(_ function: String) async throws {
        try await self.execute(
            """
            SELECT \(function)(pid) FROM pg_stat_activity
             WHERE datname = current_database() AND application_name = 'progress-server'
            """
        )
    }
}
