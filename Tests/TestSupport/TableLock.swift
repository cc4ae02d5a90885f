import ProgressPostgres

/// A lock on a table, by default the exclusive one, held by a session of its own until released.
package final class TableLock: Sendable {
    private let isReleased = Latch()
    private let isDone = Latch()

    package init(
        on table: String,
        mode: String = "ACCESS EXCLUSIVE",
        in database: AmpDatabase
    ) async throws {
        let isHeld = Latch()
        let (released, done) = (self.isReleased, self.isDone)
        try DedicatedThread.start(named: "test-lock") {
            defer {
                isHeld.open()
                done.open()
            }
            guard let session = try? PostgresSession(conninfo: database.conninfo) else { return }
            try? session.execute("BEGIN; LOCK TABLE \(table) IN \(mode) MODE")
            isHeld.open()
            released.wait()
            try? session.execute("ROLLBACK")
        }
        try await DedicatedThread.run(named: "test-lock") { isHeld.wait() }
    }

    package func release() async throws {
        self.isReleased.open()
        let done = self.isDone
        try await DedicatedThread.run(named: "test-lock") { done.wait() }
    }

    deinit { self.isReleased.open() }
}

extension AmpDatabase {
    /// How many of the server's sessions wait for a lock, in this database.
    package func waitingSessionCount() async throws -> Int64 {
        try await self.write { session in
            try session.int64(
                """
                SELECT count(*) FROM pg_stat_activity
                 WHERE datname = current_database() AND application_name = 'progress-server'
                       AND wait_event_type = 'Lock'
                """
            )
        }
    }
}
