import Glibc
import Synchronization

/// Something that happens at most once, and that threads wait for.
final class Event: Sendable {
    // A pipe with a byte that nobody reads: `poll` sees it now and ever after.
    private let reading: Int32
    private let writing: Int32
    private let state = Atomic(false)

    /// - Throws: ``ToolError`` if the system grants no descriptor.
    init() throws(ToolError) {
        var ends: [Int32] = [-1, -1]
        guard pipe(&ends) == 0 else {
            throw ToolError(.failure, "cannot open a pipe: \(systemMessage(errno))")
        }
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        // A second happening must not wait for room in a pipe that nobody empties.
        _ = fcntl(ends[1], F_SETFL, O_NONBLOCK)
        self.reading = ends[0]
        self.writing = ends[1]
    }

    deinit {
        close(self.reading)
        close(self.writing)
    }

    var hasHappened: Bool { self.state.load(ordering: .acquiring) }

    /// Makes it happen; again is no error.
    func happen() {
        self.state.store(true, ordering: .releasing)
        var byte: UInt8 = 0
        _ = write(self.writing, &byte, 1)
    }

    /// Blocks the thread until it happens, at most for `duration`.
    ///
    /// - Returns: Whether it has happened.
    @discardableResult
    func wait(atMost duration: Duration) -> Bool {
        let end = ContinuousClock.now.advanced(by: duration)
        while !self.hasHappened {
            let left = end - ContinuousClock.now
            guard left > .zero else { break }
            var descriptor = pollfd(fd: self.reading, events: Int16(POLLIN), revents: 0)
            let milliseconds = (left / .milliseconds(1)).rounded(.up)
            // Interrupted or early, the loop looks again.
            _ = poll(&descriptor, 1, Int32(min(milliseconds, 1e9)))
        }
        return self.hasHappened
    }
}

/// What an `errno` means, in words.
func systemMessage(_ code: Int32) -> String {
    strerror(code).map { String(cString: $0) } ?? "error \(code)"
}
