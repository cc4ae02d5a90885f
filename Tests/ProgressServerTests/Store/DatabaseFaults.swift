import ProgressPostgres
import Synchronization
import TestSupport

/// An exclusive lock on a table, held by a session of its own until released.
final class TableLock: Sendable {
    private let isReleased = Latch()
    private let isDone = Latch()

    init(on table: String, in database: AmpDatabase) async throws {
        let isHeld = Latch()
        let (released, done) = (self.isReleased, self.isDone)
        try DedicatedThread.start(named: "test-lock") {
            defer {
                isHeld.open()
                done.open()
            }
            guard let session = try? PostgresSession(conninfo: database.conninfo) else { return }
            try? session.execute("BEGIN; LOCK TABLE \(table) IN ACCESS EXCLUSIVE MODE")
            isHeld.open()
            released.wait()
            try? session.execute("ROLLBACK")
        }
        try await onThread { isHeld.wait() }
    }

    func release() async throws {
        self.isReleased.open()
        let done = self.isDone
        try await onThread { done.wait() }
    }

    deinit { self.isReleased.open() }
}

/// Opens once; threads, not tasks, wait for it.
private final class Latch: Sendable {
    private let isOpen = Mutex(false)
    private let wakeUp = Mutex(try? WakeUp())

    func open() {
        self.isOpen.withLock { $0 = true }
        self.wakeUp.withLock { $0 }?.signal()
    }

    func wait() {
        while !self.isOpen.withLock({ $0 }) {
            self.wakeUp.withLock { $0 }?.wait(until: .now.advanced(by: .seconds(1)))
        }
    }
}

extension AmpDatabase {
    /// Runs a script, blocking the thread: for a thread of the store's.
    func onThisThread(_ script: String) throws {
        try PostgresSession(conninfo: self.conninfo).execute(script)
    }

    /// How many of the store's sessions wait for a lock, in this database.
    func waitingSessionCount() async throws -> Int64 {
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
