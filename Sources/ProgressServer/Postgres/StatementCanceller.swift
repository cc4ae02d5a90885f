import CLibPQ
import Synchronization

/// Tells PostgreSQL to stop what an abandoned session still does.
///
/// `PQcancel` opens a connection of its own and blocks without limit when the postmaster is
/// stopped, so each request has a thread to lose. When all are lost, requests are dropped:
/// `statement_timeout` then ends the statement.
package final class StatementCanceller: Sendable {
    private let limit: Int
    private let active = Mutex(0)

    /// - Parameter limit: Most cancel requests under way at a time.
    package init(limit: Int = 8) {
        precondition(limit >= 1, "at least one cancel request must be possible, not \(limit)")
        self.limit = limit
    }

    /// Cancel requests under way, each with its thread.
    package var activeCount: Int { self.active.withLock { $0 } }

    /// Asks for the end of the statement that `connection` runs and returns at once.
    func cancelStatement(of connection: OpaquePointer) {
        let isAllowed = self.active.withLock { active in
            guard active < self.limit else { return false }
            active += 1
            return true
        }
        guard isAllowed else { return }
        guard let handle = unsafe PQgetCancel(connection) else { return self.requestEnded() }
        let request = unsafe CancelRequest(handle: handle)
        do {
            try DedicatedThread.start(named: "pg-cancel") {
                request.send()
                self.requestEnded()
            }
        } catch {
            self.requestEnded()
        }
    }

    private func requestEnded() {
        self.active.withLock { $0 -= 1 }
    }
}

/// Safe to send: libpq documents `PQcancel` as thread-safe, and the handle is read-only after its
/// creation and freed once, when the last reference goes.
@safe private final class CancelRequest: @unchecked Sendable {
    private let handle: OpaquePointer

    init(handle: OpaquePointer) { unsafe self.handle = handle }

    deinit { unsafe PQfreeCancel(self.handle) }

    /// Blocks until PostgreSQL has received the request or refused it.
    func send() {
        var reason = [CChar](repeating: 0, count: 256)
        // An answer that came too late needs no cancelling, so a refusal is not an error.
        _ = unsafe PQcancel(self.handle, &reason, CInt(reason.count))
    }
}
