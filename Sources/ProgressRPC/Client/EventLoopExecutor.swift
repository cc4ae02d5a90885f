import NIOCore

/// Runs the jobs of tasks on an event loop.
public final class EventLoopExecutor: TaskExecutor {
    private let eventLoop: any EventLoop

    init(_ eventLoop: any EventLoop) {
        self.eventLoop = eventLoop
    }

    /// Runs a job in one of the next turns of the loop.
    public func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        let executor = unsafe self.asUnownedTaskExecutor()
        self.eventLoop.execute { unsafe job.runSynchronously(on: executor) }
    }
}
