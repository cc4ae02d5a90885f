import ProgressPostgres
import Synchronization

/// A transaction that has done its work and stays open, on a session of its own, until it is committed.
package final class HeldTransaction: Sendable {
    private let isReleased = Latch()
    private let isDone = Latch()
    private let failure = Mutex<(any Error)?>(nil)

    /// Runs statements in a transaction.
    package init(_ script: String, in database: AmpDatabase) async throws {
        let isHeld = Latch()
        try DedicatedThread.start(named: "test-held") { [isReleased, isDone, weak self] in
            defer {
                isHeld.open()
                isDone.open()
            }
            do {
                let session = try PostgresSession(conninfo: database.conninfo)
                try session.execute("BEGIN")
                try session.execute(script)
                isHeld.open()
                isReleased.wait()
                try session.execute("COMMIT")
            } catch {
                self?.failure.withLock { $0 = error }
            }
        }
        try await DedicatedThread.run(named: "test-held") { isHeld.wait() }
        try self.check()
    }

    package func commit() async throws {
        self.isReleased.open()
        try await DedicatedThread.run(named: "test-held") { [isDone] in isDone.wait() }
        try self.check()
    }

    private func check() throws {
        if let failure = self.failure.withLock({ $0 }) { throw failure }
    }

    deinit { self.isReleased.open() }
}
