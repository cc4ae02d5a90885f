import NIOCore

/// Until when a peer must have completed its handshake, or the frame that it has begun;
/// `protocol/SPEC.md`, 4.2 and 7.2.
struct FrameClock: Sendable {
    /// When the connection is given up; `nil`: nothing is awaited.
    private(set) var end: NIODeadline?
    private let frameTimeout: TimeAmount
    private var isAwaitingHandshake = true
    private var isPaused = false

    init(now: NIODeadline, handshakeTimeout: TimeAmount, frameTimeout: TimeAmount) {
        self.end = now + handshakeTimeout
        self.frameTimeout = frameTimeout
    }

    mutating func handshakeMade() {
        self.isAwaitingHandshake = false
        self.end = nil
    }

    mutating func frameCompleted() {
        if !self.isAwaitingHandshake { self.end = nil }
    }

    /// All that was there has been read.
    mutating func readCompleted(hasPartialFrame: Bool, now: NIODeadline) {
        guard !self.isAwaitingHandshake, !self.isPaused else { return }
        if !hasPartialFrame {
            self.end = nil
        } else if self.end == nil {
            self.end = now + self.frameTimeout
        }
    }

    /// This side stops reading: the peer cannot be blamed for what does not arrive.
    mutating func readingPaused() {
        guard !self.isAwaitingHandshake else { return }
        self.isPaused = true
        self.end = nil
    }

    mutating func readingResumed(hasPartialFrame: Bool, now: NIODeadline) {
        self.isPaused = false
        self.readCompleted(hasPartialFrame: hasPartialFrame, now: now)
    }
}
