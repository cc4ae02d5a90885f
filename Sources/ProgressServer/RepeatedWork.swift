import ServiceLifecycle

/// Does something now and then, first after `interval`, until a graceful shutdown or the cancellation
/// of the task.
func repeatUntilShutdown(
    every interval: Duration,
    _ body: @escaping @Sendable () async -> Void
) async {
    await cancelWhenGracefulShutdown {
        while !Task.isCancelled {
            try? await Task.sleep(for: interval)
            if Task.isCancelled { return }
            await body()
        }
    }
}
