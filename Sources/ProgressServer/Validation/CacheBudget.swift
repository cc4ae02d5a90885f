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
        /// The most that was ever held and being read.
        var peakByteCount = 0
    }

    init(byteLimit: Int) { self.byteLimit = byteLimit }

    var heldByteCount: Int { self.state.withLock { $0.heldByteCount } }
    var peakByteCount: Int { self.state.withLock { $0.peakByteCount } }

    /// Takes bytes for a session that reads; blocks its thread while the cache makes room.
    ///
    /// - Parameter wantsRoom: Asks the cache to drop something.
    /// - Returns: Whether they may be used.
    func take(_ byteCount: Int, wantsRoom: () -> Void) -> Bool {
        let deadline = ContinuousClock.now.advanced(by: Self.patience)
        while true {
            let (isTaken, isHopeless) = self.state.withLock { state in
                let sum = state.heldByteCount + state.loadingByteCount + byteCount
                guard sum > self.byteLimit else {
                    state.loadingByteCount += byteCount
                    state.peakByteCount = max(state.peakByteCount, sum)
                    return (true, false)
                }
                defer { state.wantedByteCount = max(state.wantedByteCount, byteCount) }
                return (false, state.isExhausted || state.heldByteCount == 0)
            }
            if isTaken { return true }
            guard !isHopeless, deadline > .now else { return false }
            wantsRoom()
            usleep(1_000)
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

    /// Gives bytes back that ``take(_:wantsRoom:)`` gave.
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
