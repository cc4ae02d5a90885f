import NIOCore

/// A timer on an event loop that is armed for the earliest instant asked for.
///
/// One timer serves all deadlines of a connection: most are never reached, so a timer for each call
/// would cost more than looking at all calls when the earliest comes due. The action may hold the
/// timer's owner, who must then let go of the timer.
final class LoopTimer {
    private let eventLoop: any EventLoop
    private let action: @Sendable () -> Void
    private var armed: (instant: NIODeadline, task: Scheduled<Void>)?

    /// - Parameter action: Runs on the event loop each time the timer fires.
    init(on eventLoop: any EventLoop, _ action: @escaping @Sendable () -> Void) {
        self.eventLoop = eventLoop
        self.action = action
    }

    /// Fires at `instant`, unless it is armed for an earlier one.
    func arm(at instant: NIODeadline) {
        if let armed = self.armed {
            guard instant < armed.instant else { return }
            armed.task.cancel()
        }
        let bound = NIOLoopBound(self, eventLoop: self.eventLoop)
        let task = self.eventLoop.scheduleTask(deadline: instant) {
            bound.value.armed = nil
            bound.value.action()
        }
        self.armed = (instant, task)
    }

    /// Does not fire any more.
    func disarm() {
        self.armed?.task.cancel()
        self.armed = nil
    }
}
