import ProgressPostgres
import Synchronization

/// Lets the writers do so much for so many answers, in bursts with quiet between them.
///
/// The work of a run is thereby the same on a fast machine and on a slow one.
final class Pace: Sendable {
    /// Answers from one burst of writes to the next.
    static let period = 128
    /// A run without enough writes ends at so many times the answers that it should have.
    static let excess = 4

    private struct State {
        var answerCount = 0
        var transactionCount = 0
        var waiting: [Int] = []
        var isStopped = false
    }

    private let answerGoal: Int
    private let transactionsPerPeriod: Int
    private let wakeUps: [WakeUp]
    private let state = Mutex(State())

    init(answerGoal: Int, transactionsPerPeriod: Int, writerCount: Int) throws(PostgresError) {
        self.answerGoal = answerGoal
        self.transactionsPerPeriod = transactionsPerPeriod
        var wakeUps: [WakeUp] = []
        for _ in 0..<writerCount { wakeUps.append(try WakeUp()) }
        self.wakeUps = wakeUps
    }

    /// How many transactions may have begun; the first half of a period brings all of its share.
    func transactionLimit(after answerCount: Int) -> Int {
        let (periods, rest) = answerCount.quotientAndRemainder(dividingBy: Self.period)
        return (periods + 1) * self.transactionsPerPeriod
            - max(0, self.transactionsPerPeriod * (Self.period - 2 * rest) / Self.period)
    }

    /// Whether there are answers and transactions enough.
    var isOver: Bool {
        self.state.withLock { state in
            guard state.answerCount >= self.answerGoal else { return false }
            return state.transactionCount >= self.transactionLimit(after: self.answerGoal)
                || state.answerCount >= self.answerGoal * Self.excess || state.isStopped
        }
    }

    /// A reader has one more answer.
    func answered() {
        let woken = self.state.withLock { state in
            state.answerCount += 1
            let free = self.transactionLimit(after: state.answerCount) - state.transactionCount
            let woken = state.waiting.prefix(max(0, free))
            state.waiting.removeFirst(woken.count)
            return woken
        }
        for writer in woken { self.wakeUps[writer].signal() }
    }

    /// Waits until a writer may do one more transaction; on the writer's thread.
    ///
    /// - Returns: Whether there is one more to do.
    func permitTransaction(of writer: Int) -> Bool {
        while true {
            let isPermitted: Bool? = self.state.withLock { state in
                if state.isStopped { return false }
                let limit = self.transactionLimit(after: state.answerCount)
                if state.transactionCount < limit {
                    state.transactionCount += 1
                    return true
                }
                state.waiting.append(writer)
                return nil
            }
            if let isPermitted { return isPermitted }
            self.wakeUps[writer].wait(until: nil)
        }
    }

    /// Lets the writers go home.
    func stop() {
        self.state.withLock { $0.isStopped = true }
        for wakeUp in self.wakeUps { wakeUp.signal() }
    }
}
