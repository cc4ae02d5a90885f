import Synchronization
import TestSupport

/// What writers and readers of a run tell each other.
final class Traffic: Sendable {
    /// Deleted jobs that are still asked for.
    private static let goneLimit = 4

    private struct State {
        var ledger = CommitLedger()
        var tally = WriterTally()
        var jobs: [Int64]
        var goneJobs: [Int64] = []
    }

    private let state: Mutex<State>

    /// - Parameter xids: The transactions that made the database what it is at the start.
    init(jobs: [Int64], after xids: some Collection<UInt64>) {
        var state = State(jobs: jobs)
        for xid in xids {
            state.ledger.announce(xid)
            state.ledger.acknowledge(xid)
        }
        self.state = Mutex(state)
    }

    var ledger: CommitLedger { self.state.withLock { $0.ledger } }
    var tally: WriterTally { self.state.withLock { $0.tally } }

    func mark() -> CommitLedger.Mark { self.state.withLock { $0.ledger.mark() } }

    func announce(_ xid: UInt64) { self.state.withLock { $0.ledger.announce(xid) } }

    func committed(_ xid: UInt64) {
        self.state.withLock { state in
            state.ledger.acknowledge(xid)
            state.tally.committedCount += 1
        }
    }

    func rolledBack() { self.state.withLock { $0.tally.rolledBackCount += 1 } }

    func refused(_ reason: String) {
        self.state.withLock { $0.tally.refusals[reason, default: 0] += 1 }
    }

    func began(_ action: String) {
        self.state.withLock { $0.tally.actions[action, default: 0] += 1 }
    }

    /// One job takes the place of another.
    func replaceJob(_ old: Int64, with new: Int64) {
        self.state.withLock { state in
            state.jobs.removeAll { $0 == old }
            state.jobs.append(new)
            state.goneJobs.append(old)
            state.goneJobs.removeFirst(max(0, state.goneJobs.count - Self.goneLimit))
        }
    }

    /// A job, now and then one that is gone.
    func anyJob(using random: inout SplitMix64) -> Int64 {
        let (jobs, gone) = self.state.withLock { ($0.jobs, $0.goneJobs) }
        let isGone = Int.random(in: 0..<16, using: &random) == 0
        return (isGone ? gone : jobs).randomElement(using: &random)
            ?? jobs.randomElement(using: &random) ?? 1
    }
}
