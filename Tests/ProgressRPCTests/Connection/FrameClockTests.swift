import NIOCore
import Testing

@testable import ProgressRPC

@Suite("When a peer is too slow: protocol/SPEC.md, 4.2 and 7.2")
struct FrameClockTests {
    static func second(_ number: UInt64) -> NIODeadline {
        .uptimeNanoseconds(number * 1_000_000_000)
    }

    var clock = FrameClock(
        now: second(0),
        handshakeTimeout: .seconds(5),
        frameTimeout: .seconds(10)
    )

    @Test("The handshake has its own time, which bytes do not prolong")
    mutating func handshake() {
        #expect(self.clock.end == Self.second(5))
        self.clock.frameCompleted()
        self.clock.readCompleted(hasPartialFrame: true, now: Self.second(4))
        self.clock.readingPaused()
        #expect(self.clock.end == Self.second(5))
        self.clock.handshakeMade()
        #expect(self.clock.end == nil)
    }

    @Test("A partial frame has ten seconds from its first byte")
    mutating func partialFrame() {
        self.clock.handshakeMade()
        self.clock.readCompleted(hasPartialFrame: true, now: Self.second(1))
        self.clock.readCompleted(hasPartialFrame: true, now: Self.second(9))
        #expect(self.clock.end == Self.second(11))
        self.clock.frameCompleted()
        self.clock.readCompleted(hasPartialFrame: true, now: Self.second(10))
        #expect(self.clock.end == Self.second(20))
        self.clock.frameCompleted()
        self.clock.readCompleted(hasPartialFrame: false, now: Self.second(12))
        #expect(self.clock.end == nil)
    }

    @Test("A peer whose bytes are not read is not blamed")
    mutating func paused() {
        self.clock.handshakeMade()
        self.clock.readCompleted(hasPartialFrame: true, now: Self.second(1))
        self.clock.readingPaused()
        self.clock.readCompleted(hasPartialFrame: true, now: Self.second(2))
        #expect(self.clock.end == nil)
        self.clock.readingResumed(hasPartialFrame: true, now: Self.second(60))
        #expect(self.clock.end == Self.second(70))
    }
}

@Suite("Output that waits for its peer: protocol/SPEC.md, 7.2")
struct ConnectionOutputTests {
    static func second(_ number: UInt64) -> NIODeadline { FrameClockTests.second(number) }

    var output = ConnectionOutput(now: second(0))

    mutating func write(_ count: Int, waiting: Int, at second: UInt64) {
        self.output.buffer.writeRepeatingByte(1, count: count)
        _ = self.output.takeFrames(now: Self.second(second))
        self.output.update(waiting: waiting, now: Self.second(second))
    }

    func check(_ second: UInt64) -> ConnectionOutput.StallCheck {
        self.output.stallCheck(now: Self.second(second), timeout: .seconds(10))
    }

    @Test("A peer that takes a little now and then is not stalled")
    mutating func steady() {
        self.write(100, waiting: 90, at: 1)
        #expect(self.check(10) == .check(Self.second(11)))
        self.output.update(waiting: 89, now: Self.second(10))
        #expect(self.check(19) == .check(Self.second(20)))
        #expect(self.check(20) == .stalled)
        self.output.update(waiting: 0, now: Self.second(21))
        #expect(self.check(60) == .idle)
    }

    @Test("What is written after a silence has its full time")
    mutating func afterSilence() {
        self.write(100, waiting: 0, at: 1)
        self.write(100, waiting: 100, at: 60)
        #expect(self.check(61) == .check(Self.second(70)))
        #expect(self.check(70) == .stalled)
    }

    @Test("More output does not prolong the time of a peer that takes nothing")
    mutating func noProlonging() {
        self.write(100, waiting: 100, at: 1)
        self.write(100, waiting: 200, at: 8)
        #expect(self.check(11) == .stalled)
    }
}
