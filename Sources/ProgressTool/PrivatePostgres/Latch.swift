import Glibc

/// Opens once; until then, threads wait for it.
///
/// A pipe whose writing end is closed to open the latch: every waiter sees the end of file.
final class Latch: Sendable {
    private let readDescriptor: CInt
    private let writeDescriptor: CInt

    init() throws(PrivatePostgresError) {
        var ends: [CInt] = [-1, -1]
        guard pipe(&ends) == 0 else {
            throw PrivatePostgresError("cannot open a pipe: errno \(errno)")
        }
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        self.readDescriptor = ends[0]
        self.writeDescriptor = ends[1]
    }

    deinit { close(self.readDescriptor) }

    /// Opens the latch; called exactly once.
    func open() { close(self.writeDescriptor) }

    /// Waits until the latch is open, or `duration` has passed.
    func wait(atMost duration: Duration) {
        let deadline = ContinuousClock.now.advanced(by: duration)
        var polled = pollfd(fd: self.readDescriptor, events: Int16(POLLIN), revents: 0)
        while case let left = ContinuousClock.now.duration(to: deadline), left > .zero {
            let milliseconds = left / .milliseconds(1)
            if poll(&polled, 1, CInt(min(milliseconds.rounded(.up), 1e9))) > 0 { return }
        }
    }
}
