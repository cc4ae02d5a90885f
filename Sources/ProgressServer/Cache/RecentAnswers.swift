import NIOCore
import Synchronization

/// The answers that were last known to stand, for callers who do not mind their age.
///
/// Any thread reads it; the validator writes it. An answer is as old as the start of the last round
/// in which it stood.
final class RecentAnswers: Sendable {
    /// How many moments are told apart, at least, and at most twice as many; answers of older ones are
    /// not given.
    static let stampLimit = 64

    struct Answer: Sendable {
        var held: HeldAnswer
        var moment: ByteBuffer
        var age: Duration
    }

    private struct Entry {
        var held: HeldAnswer
        /// When it last stood, if that was before the end of its stamp.
        var stoodUntil: ContinuousClock.Instant?
        var moment: ByteBuffer?
    }

    private struct Stood {
        var until: ContinuousClock.Instant
        var moment: ByteBuffer
    }

    private struct State {
        var entries: [AnswerKey: Entry] = [:]
        /// By stamp, when its answers were last known to stand.
        var stamps: [UInt64: Stood] = [:]
        /// Bytes of the entries that stand no longer; the others are the cache's.
        var agedByteCount = 0

        mutating func remove(_ isGone: (Entry) -> Bool) {
            self.entries = self.entries.filter { !isGone($0.value) }
            self.agedByteCount = self.entries.values.reduce(0) {
                $0 + ($1.stoodUntil == nil ? 0 : $1.held.byteCount)
            }
        }
    }

    private let agedByteLimit: Int
    private let state = Mutex(State())

    /// - Parameter agedByteLimit: Most bytes of answers that stand no longer; beyond it all of them
    ///   are forgotten.
    init(agedByteLimit: Int) { self.agedByteLimit = agedByteLimit }

    /// Bytes of answers that nobody else holds.
    var byteCount: Int { self.state.withLock { $0.agedByteCount } }

    /// The answer, if it stood at most `staleness` ago.
    func answer(
        for key: AnswerKey,
        within staleness: Duration,
        at now: ContinuousClock.Instant
    ) -> Answer? {
        self.state.withLock { state in
            guard let entry = state.entries[key], let stood = state.stamps[entry.held.stamp]
            else { return nil }
            let age = (entry.stoodUntil ?? stood.until).duration(to: now)
            guard age <= staleness else { return nil }
            return Answer(held: entry.held, moment: entry.moment ?? stood.moment, age: age)
        }
    }

    /// All the answers, if they stood together at most `staleness` ago.
    func answers(
        for keys: [AnswerKey],
        within staleness: Duration,
        at now: ContinuousClock.Instant
    ) -> (held: [HeldAnswer], moment: ByteBuffer, age: Duration)? {
        self.state.withLock { state in
            var held: [HeldAnswer] = []
            var stamp: UInt64?
            for key in keys {
                guard let entry = state.entries[key], entry.stoodUntil == nil,
                    stamp == nil || stamp == entry.held.stamp
                else { return nil }
                stamp = entry.held.stamp
                held.append(entry.held)
            }
            guard let stood = stamp.flatMap({ state.stamps[$0] }) else { return nil }
            let age = stood.until.duration(to: now)
            return age <= staleness ? (held, stood.moment, age) : nil
        }
    }

    /// A round has ended: what it gave, and what no longer stood in it.
    ///
    /// - Parameters:
    ///   - start: When the round began: all that stands at its stamp stood then.
    ///   - moment: Its encoded moment.
    func roundEnded(
        stamp: UInt64,
        start: ContinuousClock.Instant,
        moment: ByteBuffer,
        news: AnswerNews
    ) {
        self.state.withLock { state in
            for key in news.withdrawn {
                guard let entry = state.entries[key], entry.stoodUntil == nil,
                    let stood = state.stamps[entry.held.stamp]
                else { continue }
                state.entries[key]?.stoodUntil = stood.until
                state.entries[key]?.moment = stood.moment
                state.agedByteCount += entry.held.byteCount
            }
            for (key, answer) in news.renewed {
                if let old = state.entries[key], old.stoodUntil != nil {
                    state.agedByteCount -= old.held.byteCount
                }
                state.entries[key] = Entry(held: answer)
            }
            state.stamps[stamp] = Stood(until: start, moment: moment)
            if state.stamps.count > 2 * Self.stampLimit {
                // Seldom, as it looks at everything.
                for old in state.stamps.keys.sorted().prefix(Self.stampLimit) {
                    state.stamps[old] = nil
                }
                let stamps = state.stamps
                state.remove { stamps[$0.held.stamp] == nil }
            }
            if state.agedByteCount > self.agedByteLimit { state.remove { $0.stoodUntil != nil } }
        }
    }

    /// Forgets everything.
    func removeAll() { self.state.withLock { $0 = State() } }
}
