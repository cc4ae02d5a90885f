import Glibc

/// What a wait on a socket, a wake-up and a deadline ended with.
enum Readiness {
    /// The socket may be read or written, or has failed: the next call on it will tell.
    case ready
    case woken
    case deadlinePassed
}

/// Waits in `poll(2)` until `descriptor` has one of `events`, `wakeUp` is signalled or `deadline` passes.
///
/// - Parameter deadline: `nil` waits for ever.
func waitForReadiness(
    of descriptor: CInt,
    events: CInt,
    wakeUp: WakeUp?,
    until deadline: ContinuousClock.Instant?
) -> Readiness {
    while true {
        // A negative descriptor is ignored by poll. Inline: this is on the way of every answer.
        var polled: InlineArray<2, pollfd> = [
            pollfd(fd: descriptor, events: Int16(events), revents: 0),
            pollfd(fd: wakeUp?.readDescriptor ?? -1, events: Int16(POLLIN), revents: 0),
        ]
        let timeout = deadline.map { milliseconds(until: $0) } ?? -1
        var span = polled.mutableSpan
        let count = unsafe span.withUnsafeMutableBufferPointer { buffer in
            unsafe poll(buffer.baseAddress, nfds_t(buffer.count), timeout)
        }
        if polled[0].revents != 0, count > 0 { return .ready }
        if polled[1].revents != 0, count > 0 { return .woken }
        if let deadline, deadline <= .now { return .deadlinePassed }
    }
}

/// The time left, rounded up so that a wait never ends just before its deadline.
private func milliseconds(until deadline: ContinuousClock.Instant) -> CInt {
    let left = ContinuousClock.now.duration(to: deadline)
    guard left > .zero else { return 0 }
    let (seconds, attoseconds) = left.components
    guard seconds < 1_000_000 else { return 1_000_000_000 }
    return CInt(seconds * 1_000 + attoseconds / 1_000_000_000_000_000 + 1)
}
