import Glibc

/// A thread of the operating system for work that blocks, which the cooperative pool must not do.
package enum DedicatedThread {
    /// Starts a thread that runs `body` and ends.
    ///
    /// - Parameter name: Shown by `ps -L` and debuggers; its first 15 bytes count.
    /// - Throws: ``PostgresError`` of kind `resourceExhausted` if the system grants no thread.
    package static func start(
        named name: String,
        _ body: @escaping @Sendable () -> Void
    ) throws(PostgresError) {
        let start = unsafe Unmanaged.passRetained(Start(name: name, body: body))
        var thread = pthread_t()
        let result = unsafe pthread_create(
            &thread,
            nil,
            { argument in
                guard let argument = unsafe argument else { return nil }
                let start = unsafe Unmanaged<Start>.fromOpaque(argument).takeRetainedValue()
                nameThisThread(start.name)
                start.body()
                return nil
            },
            start.toOpaque()
        )
        guard result == 0 else {
            unsafe start.release()
            throw PostgresError(.resourceExhausted, "cannot start a thread: errno \(result)")
        }
        pthread_detach(thread)
    }

    /// Runs `body` on a thread of its own and returns what it returns.
    package static func run<Value: Sendable>(
        named name: String,
        _ body: @escaping @Sendable () throws -> Value
    ) async throws -> Value {
        try await withCheckedThrowingContinuation { continuation in
            do {
                try self.start(named: name) {
                    continuation.resume(with: Result(catching: body))
                }
            } catch {
                continuation.resume(throwing: error)
            }
        }
    }

    private final class Start: Sendable {
        let name: String
        let body: @Sendable () -> Void

        init(name: String, body: @escaping @Sendable () -> Void) {
            self.name = name
            self.body = body
        }
    }
}

/// `pthread_setname_np` is hidden from Swift on Linux; the kernel offers the same as a file.
private func nameThisThread(_ name: String) {
    let file = unsafe open("/proc/thread-self/comm", O_WRONLY | O_CLOEXEC)
    guard file >= 0 else { return }
    defer { close(file) }
    let bytes = Array(name.utf8.prefix(15))
    _ = unsafe write(file, bytes, bytes.count)
}
