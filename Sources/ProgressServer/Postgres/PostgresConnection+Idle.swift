import CLibPQ

extension PostgresConnection {
    /// Waits, between two statements, until woken, until `deadline` or until the session dies.
    ///
    /// - Parameter deadline: `nil` waits for ever.
    /// - Returns: Whether the session lives.
    package func waitWhileIdle(until deadline: ContinuousClock.Instant? = nil) -> Bool {
        while true {
            let readiness = waitForReadiness(
                of: unsafe PQsocket(self.handle),
                events: pollIn,
                wakeUp: self.wakeUp,
                until: deadline
            )
            guard case .ready = readiness else {
                self.wakeUp?.reset()
                return self.isAlive()
            }
            if !self.isAlive() { return false }
        }
    }

    /// Whether the session lives, as far as its socket tells without asking PostgreSQL.
    ///
    /// A terminated session has its farewell and then the end of file in the socket.
    package func isAlive() -> Bool {
        guard self.isUsable else { return false }
        // Farewell and end of file take one read each; what else arrives here is rare and short.
        for _ in 0..<8 {
            let readiness = waitForReadiness(
                of: unsafe PQsocket(self.handle),
                events: pollIn,
                wakeUp: nil,
                until: .now
            )
            guard case .ready = readiness else { return true }
            guard unsafe PQconsumeInput(self.handle) == 1 else {
                _ = self.lost()
                return false
            }
            _ = unsafe PQisBusy(self.handle)
        }
        return true
    }
}
