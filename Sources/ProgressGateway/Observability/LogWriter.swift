import Glibc
import NIOCore
import NIOPosix
import Synchronization

/// Log lines on their way to a descriptor, written by a thread of their own, so that nobody who
/// logs waits for whoever reads them.
///
/// When the reader does not keep up, lines beyond a limit are dropped; how many is the first line
/// that follows.
final class LogWriter: Sendable {
    private struct State {
        var lines: [ByteBuffer] = []
        /// Bytes of `lines`, and of those that the thread is writing.
        var byteCount = 0
        var droppedCount = 0
        /// Whether the thread has been told to write.
        var isWriting = false
    }

    /// Most bytes kept for a reader that is behind (1 MiB, some thousand requests).
    static let byteLimit = 1 << 20

    private let descriptor: CInt
    private let byteLimit: Int
    private let thread = NIOThreadPool(numberOfThreads: 1)
    private let state = Mutex(State())

    /// - Parameter descriptor: Where the lines go; it stays open, blocking or not.
    init(descriptor: CInt, byteLimit: Int = LogWriter.byteLimit) {
        self.descriptor = descriptor
        self.byteLimit = byteLimit
        self.thread.start()
    }

    deinit {
        // Nothing is left to write: a thread that writes keeps the value alive.
        self.thread.shutdownGracefully { _ in }
    }

    /// Takes over a line, or drops it if too many wait; returns at once.
    func write(_ line: ByteBuffer) {
        let mustStart = self.state.withLock { state in
            guard state.byteCount + line.readableBytes <= self.byteLimit else {
                state.droppedCount += 1
                return false
            }
            state.lines.append(line)
            state.byteCount += line.readableBytes
            defer { state.isWriting = true }
            return !state.isWriting
        }
        if mustStart { self.thread.submit { _ in self.writeWaitingLines() } }
    }

    /// Waits until all lines taken over so far are written.
    ///
    /// - Returns: Whether they were before `patience` was over.
    @discardableResult
    func flush(within patience: Duration) async -> Bool {
        let (results, result) = AsyncStream.makeStream(of: Bool.self)
        // The thread does one thing after another, this after the lines.
        self.thread.submit { _ in result.yield(true) }
        let timer = MultiThreadedEventLoopGroup.singleton.any().scheduleTask(
            in: TimeAmount(patience)
        ) {
            result.yield(false)
        }
        defer { timer.cancel() }
        return await results.first { _ in true } ?? false
    }

    /// Runs on the thread.
    private func writeWaitingLines() {
        var writtenByteCount = 0
        while true {
            let (lines, droppedCount) = self.state.withLock { state in
                state.byteCount -= writtenByteCount
                state.isWriting = !state.lines.isEmpty || state.droppedCount > 0
                defer { (state.lines, state.droppedCount) = ([], 0) }
                return (state.lines, state.droppedCount)
            }
            if lines.isEmpty, droppedCount == 0 { return }
            for line in lines { self.writeAll(of: line) }
            writtenByteCount = lines.reduce(0) { $0 + $1.readableBytes }
            if droppedCount > 0 { self.writeAll(of: Self.notice(droppedCount)) }
        }
    }

    /// A line that cannot be written is lost: there is no other place to say so.
    private func writeAll(of line: ByteBuffer) {
        var rest = line.readableBytesView[...]
        while !rest.isEmpty {
            let count = unsafe rest.withUnsafeBytes { bytes in
                unsafe Glibc.write(self.descriptor, bytes.baseAddress, bytes.count)
            }
            if count > 0 {
                rest = rest.dropFirst(count)
            } else if errno == EAGAIN {
                var wanted = pollfd(fd: self.descriptor, events: Int16(POLLOUT), revents: 0)
                _ = unsafe poll(&wanted, 1, -1)
            } else if errno != EINTR {
                return
            }
        }
    }

    private static func notice(_ droppedCount: Int) -> ByteBuffer {
        LogLines.line { buffer in
            buffer.writeMember("level", "warning")
            buffer.writeMember("event", "log")
            buffer.writeMember("message", "log lines were dropped, as their reader was behind")
            buffer.writeMember("lines", droppedCount)
        }
    }
}
