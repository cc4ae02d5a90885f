import Glibc
import Synchronization

/// How many bytes may be held, and who has how many: the cache, and the sessions that are reading.
///
/// A session that reads a revision takes bytes before it keeps a row, so that the sum never passes
/// the budget by more than one step.
final class CacheBudget: Sendable {
    /// What a session takes at a time, in bytes.
    static let stepByteCount = 64 << 10
    /// How long a session waits for the cache to make room.
    static let patience = Duration.seconds(2)

    /// Most bytes to be held.
    let byteLimit: Int
    private let state = Mutex(State())

    private struct State {
        var heldByteCount = 0
        var loadingByteCount = 0
        var wantedByteCount = 0
        /// Whether the cache has dropped all that it could.
        var isExhausted = false
        /// Whether a session waits for others to end.
        var isAwaited = false
        /// The most that was ever held and being read.
        var peakByteCount = 0

        mutating func take(
            _ byteCount: Int,
            _ ownByteCount: Int,
            of limit: Int,
            _ isFirst: inout Bool
        ) -> Decision {
            let sum = self.heldByteCount + self.loadingByteCount + byteCount
            guard sum > limit else {
                self.loadingByteCount += byteCount
                self.peakByteCount = max(self.peakByteCount, sum)
                return .taken
            }
            self.wantedByteCount = max(self.wantedByteCount, byteCount)
            guard self.isExhausted || self.heldByteCount == 0 else { return .wait }
            let isAlone = self.loadingByteCount <= ownByteCount
            guard !isAlone, isFirst || !self.isAwaited else { return .refused }
            isFirst = true
            self.isAwaited = true
            return .wait
        }
    }

    private enum Decision {
        case taken
        case refused
        case wait
    }

    init(byteLimit: Int) { self.byteLimit = byteLimit }

    var peakByteCount: Int { self.state.withLock { $0.peakByteCount } }

    /// Takes bytes for a session that reads; blocks its thread while the cache makes room.
    ///
    /// When the cache has nothing left to drop, one session waits for the others to end; those that
    /// come to wait after it are told that there is no room, so that it gets what they have.
    ///
    /// - Parameters:
    ///   - ownByteCount: What the session has taken already.
    ///   - wantsRoom: Asks the cache to drop something.
    /// - Returns: Whether they may be used.
    func take(_ byteCount: Int, having ownByteCount: Int, wantsRoom: () -> Void) -> Bool {
        let deadline = ContinuousClock.now.advanced(by: Self.patience)
        var isFirst = false
        defer { if isFirst { self.state.withLock { $0.isAwaited = false } } }
        while true {
            let decision = self.state.withLock { state in
                state.take(byteCount, ownByteCount, of: self.byteLimit, &isFirst)
            }
            switch decision {
            case .taken: return true
            case .refused: return false
            case .wait:
                guard deadline > .now else { return false }
                wantsRoom()
                // On the session's own thread, which has nothing else to do; looking again is simpler
                // than a signal from each of those who may make room, and no answer waits for it.
                usleep(1_000)
            }
        }
    }

    /// What a session has read is the cache's now: its bytes change hands.
    func deliver(_ takenByteCount: Int, heldByteCount: Int) {
        self.state.withLock { state in
            state.loadingByteCount -= takenByteCount
            state.heldByteCount = heldByteCount
            state.peakByteCount = max(
                state.peakByteCount,
                heldByteCount + state.loadingByteCount
            )
        }
    }

    /// Gives bytes back that ``take(_:having:wantsRoom:)`` gave.
    func giveBack(_ byteCount: Int) {
        self.state.withLock { $0.loadingByteCount -= byteCount }
    }

    /// What the cache may hold at present.
    var roomByteCount: Int {
        self.state.withLock { state in
            max(0, self.byteLimit - state.loadingByteCount - state.wantedByteCount)
        }
    }

    /// The cache says what it holds, after it has dropped what it should.
    func hold(_ byteCount: Int, isExhausted: Bool) {
        self.state.withLock { state in
            state.heldByteCount = byteCount
            state.isExhausted = isExhausted
            state.wantedByteCount = 0
            state.peakByteCount = max(
                state.peakByteCount,
                byteCount + state.loadingByteCount
            )
        }
    }
}
