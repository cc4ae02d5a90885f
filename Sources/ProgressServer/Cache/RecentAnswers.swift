import NIOCore
import ProgressRPC
import Synchronization

/// The answers that were last known to stand, for callers who do not mind their age.
///
/// Any thread reads it; the validator writes it. An answer is as old as the start of the last round
/// in which it stood.
final class RecentAnswers: Sendable {
    /// How many moments are told apart, at least, and at most twice as many; an answer that stood in an
    /// older one keeps its own.
    static let stampLimit = 64

    /// Ages are told in multiples of this, rounded up, so that one reply serves all who ask meanwhile.
    static let ageStep = Duration.microseconds(100)

    enum Answer: Sendable {
        /// An encoded reply, with its age.
        case body(ByteBuffer, AnswerVersion?)
        indirect case failure(RPCError)
    }

    /// An object, as all of it would be copied to look at a part.
    private final class Entry {
        let held: HeldAnswer
        /// When it last stood, and at which moment, if that was before the end of its stamp.
        var aged: Stood?
        /// The reply that was made last.
        var reply: Reply?

        init(_ held: HeldAnswer) { self.held = held }
    }

    private struct Reply {
        var body: ByteBuffer
        /// Of the moment whose age it tells.
        var stoodUntil: ContinuousClock.Instant
        var age: Duration
    }

    private struct Stood {
        var until: ContinuousClock.Instant
        var moment: ByteBuffer
    }

    private struct State {
        var entries: [AnswerKey: Entry] = [:]
        /// By stamp, when its answers were last known to stand.
        var stamps: [UInt64: Stood] = [:]
        /// The newest of them: most answers stand at it.
        var lastStamp: UInt64 = 0
        var last: Stood?
        /// Bytes of the entries that stand no longer; the others are the cache's.
        var agedByteCount = 0

        /// When an answer last stood.
        func stood(_ entry: Entry) -> Stood? {
            if let aged = entry.aged { return aged }
            let stamp = entry.held.stamp
            return stamp == self.lastStamp ? self.last : self.stamps[stamp]
        }

        /// From now on the answer is only what it was.
        mutating func age(_ entry: Entry) {
            guard entry.aged == nil, let stood = self.stamps[entry.held.stamp] else { return }
            entry.aged = stood
            entry.reply = nil
            self.agedByteCount += entry.held.byteCount + stood.moment.capacity
        }

        mutating func renew(_ key: AnswerKey, _ answer: HeldAnswer) {
            if let old = self.entries[key], let aged = old.aged {
                self.agedByteCount -= old.held.byteCount + aged.moment.capacity
            }
            self.entries[key] = Entry(answer)
        }

        /// Forgets the oldest moments.
        mutating func dropStamps(_ count: Int) {
            let dropped = Set(self.stamps.keys.sorted().prefix(count))
            for entry in self.entries.values where dropped.contains(entry.held.stamp) {
                self.age(entry)
            }
            for stamp in dropped { self.stamps[stamp] = nil }
        }

        mutating func dropAged() {
            self.entries = self.entries.filter { $0.value.aged == nil }
            self.agedByteCount = 0
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
            guard let entry = state.entries[key], let stood = state.stood(entry) else { return nil }
            let age = stood.until.duration(to: now)
            guard age <= staleness else { return nil }
            if let reply = entry.reply, reply.stoodUntil == stood.until, age <= reply.age,
                age > reply.age - Self.ageStep
            {
                return .body(reply.body, entry.held.version)
            }
            switch entry.held.result {
            case .failure(let error): return .failure(error)
            case .success(let body):
                let age = Self.roundedUp(age)
                let reply = ReplyEncoding.reply(body, stood.moment, age: age)
                entry.reply = Reply(body: reply, stoodUntil: stood.until, age: age)
                return .body(reply, entry.held.version)
            }
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
                guard let entry = state.entries[key], entry.aged == nil,
                    stamp == nil || stamp == entry.held.stamp
                else { return nil }
                stamp = entry.held.stamp
                held.append(entry.held)
            }
            guard let stood = stamp.flatMap({ state.stamps[$0] }) else { return nil }
            let age = stood.until.duration(to: now)
            return age <= staleness ? (held, stood.moment, Self.roundedUp(age)) : nil
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
            for keys in [news.withdrawn, news.dropped] where !keys.isEmpty {
                for key in keys {
                    if let entry = state.entries[key] { state.age(entry) }
                }
            }
            for (key, answer) in news.renewed { state.renew(key, answer) }
            let stood = Stood(until: start, moment: moment)
            state.stamps[stamp] = stood
            (state.lastStamp, state.last) = (stamp, stood)
            if state.stamps.count > 2 * Self.stampLimit {
                // Seldom, as it looks at everything.
                state.dropStamps(Self.stampLimit)
            }
            if state.agedByteCount > self.agedByteLimit { state.dropAged() }
        }
    }

    private static func roundedUp(_ age: Duration) -> Duration {
        let step = Self.ageStep / .nanoseconds(1)
        return .nanoseconds(Int64((age / .nanoseconds(1) / step).rounded(.up) * step))
    }

    /// Forgets everything.
    func removeAll() { self.state.withLock { $0 = State() } }
}
