import Glibc

/// Interrupts a thread that waits in `poll`; any thread may signal, one thread waits.
///
/// A pipe, so that signals given before the wait are not lost.
package final class WakeUp: Sendable {
    let readDescriptor: CInt
    private let writeDescriptor: CInt

    /// - Throws: ``PostgresError`` of kind `resourceExhausted` if no descriptor is free.
    package init() throws(PostgresError) {
        var ends: [CInt] = [-1, -1]
        let result = unsafe ends.withUnsafeMutableBufferPointer { buffer in
            guard let base = buffer.baseAddress else { return CInt(-1) }
            return unsafe pipe(base)
        }
        guard result == 0 else {
            throw PostgresError(.resourceExhausted, "cannot open a pipe: errno \(errno)")
        }
        for end in ends {
            _ = fcntl(end, F_SETFD, FD_CLOEXEC)
            _ = fcntl(end, F_SETFL, O_NONBLOCK)
        }
        self.readDescriptor = ends[0]
        self.writeDescriptor = ends[1]
    }

    deinit {
        close(self.readDescriptor)
        close(self.writeDescriptor)
    }

    /// Ends the wait under way, or the next one.
    package func signal() {
        var byte: UInt8 = 1
        // A full pipe already holds signals enough.
        _ = unsafe write(self.writeDescriptor, &byte, 1)
    }

    /// Waits for a signal, or until `deadline`, and forgets the signals given.
    ///
    /// - Parameter deadline: `nil` waits for ever.
    package func wait(until deadline: ContinuousClock.Instant?) {
        _ = waitForReadiness(of: -1, events: 0, wakeUp: self, until: deadline)
        self.reset()
    }

    /// Forgets the signals given so far; called by the waiting thread.
    package func reset() {
        var bytes: UInt64 = 0
        // Signals are rarely more than one at a time.
        while unsafe read(self.readDescriptor, &bytes, MemoryLayout<UInt64>.size) > 0 {}
    }
}
