import NIOCore

/// What a connection has written and its peer has not yet taken.
///
/// Writing is left to the connection: a write that fails closes it on the spot, and what that calls
/// must find this value at rest.
struct ConnectionOutput: Sendable {
    /// Frames that leave with the next write.
    var buffer = ByteBuffer()
    /// Bytes that were written and wait for the peer, when last looked at.
    private(set) var waitingByteCount = 0
    private var writtenByteCount = 0
    private var takenByteCount = 0
    private var lastTaken: NIODeadline

    init(now: NIODeadline) {
        self.lastTaken = now
    }

    enum StallCheck: Equatable {
        /// Nothing waits.
        case idle
        /// Look again then.
        case check(NIODeadline)
        /// The peer has taken no byte for the timeout.
        case stalled
    }

    /// Takes the frames, to write them; `nil` if there are none.
    mutating func takeFrames(now: NIODeadline) -> ByteBuffer? {
        guard self.buffer.readableBytes > 0 else { return nil }
        // A peer for which nothing waited has not been slow.
        if self.waitingByteCount == 0 { self.lastTaken = now }
        self.writtenByteCount += self.buffer.readableBytes
        defer { self.buffer = ByteBuffer() }
        return self.buffer
    }

    /// Takes back the storage of frames that were written; most often they are gone by now, and it
    /// serves again.
    mutating func reuse(_ frames: consuming ByteBuffer) {
        guard self.buffer.capacity == 0, frames.capacity <= 1 << 16 else { return }
        frames.clear()
        self.buffer = frames
    }

    /// The channel says how many bytes wait now.
    mutating func update(waiting: Int, now: NIODeadline) {
        self.waitingByteCount = waiting
        let taken = self.writtenByteCount - waiting
        if taken > self.takenByteCount || waiting == 0 {
            self.takenByteCount = taken
            self.lastTaken = now
        }
    }

    /// Whether the peer still takes bytes.
    ///
    /// A byte counts as taken when the kernel has room for it: a peer that reads steadily, but less
    /// than its socket's buffer in the timeout, counts as stalled.
    func stallCheck(now: NIODeadline, timeout: TimeAmount) -> StallCheck {
        guard self.waitingByteCount > 0 else { return .idle }
        let limit = self.lastTaken + timeout
        return now >= limit ? .stalled : .check(limit)
    }

    /// How many bytes wait in a channel.
    static func waitingByteCount(of context: ChannelHandlerContext) -> Int {
        (try? context.channel.syncOptions?.getOption(.bufferedWritableBytes)) ?? 0
    }
}
