import Synchronization

/// Requests that wait until the answer is not what the caller knows.
struct Watchers {
    private var byJob: [JobID: [Waiting]] = [:]
    private var batches: [Waiting] = []
    private(set) var count = 0
    /// Counts those whose callers went away since that was last looked at.
    private let leavers = Leavers()
    /// No later than when the first of them has waited long enough.
    private var firstExpiry: ContinuousClock.Instant?
    /// When to look for such at the earliest, as that looks at all of them.
    private var earliestLook: ContinuousClock.Instant?

    /// When there may be some that have waited long enough.
    var nextExpiry: ContinuousClock.Instant? {
        guard let first = self.firstExpiry, let earliest = self.earliestLook else {
            return self.firstExpiry
        }
        return max(first, earliest)
    }

    var isEmpty: Bool { self.count == 0 }

    /// The jobs that somebody waits for, but for those of batches.
    var jobs: some Collection<JobID> { self.byJob.keys }

    mutating func add(_ waiting: Waiting) {
        waiting.request.onCancellation { [leavers] in leavers.add() }
        self.insert(waiting)
    }

    private mutating func insert(_ waiting: Waiting) {
        self.count += 1
        if let end = waiting.request.waitEnd {
            self.firstExpiry = min(self.firstExpiry ?? end, end)
        }
        switch waiting.request.subject {
        case .one(let known): self.byJob[known.job, default: []].append(waiting)
        case .batch, .holdings: self.batches.append(waiting)
        }
    }

    /// Takes those whose answer may be another now.
    mutating func take(_ jobs: Set<JobID>) -> [Waiting] {
        guard !self.isEmpty, !jobs.isEmpty else { return [] }
        var taken = self.batches
        self.batches = []
        for job in jobs { taken += self.byJob.removeValue(forKey: job) ?? [] }
        self.count -= taken.count
        return taken
    }

    mutating func takeAll() -> [Waiting] {
        defer {
            self.byJob = [:]
            self.batches = []
            self.count = 0
            self.firstExpiry = nil
        }
        return self.batches + self.byJob.values.flatMap { $0 }
    }

    /// Takes those that have waited long enough, and drops those that nobody waits for.
    ///
    /// - Parameter interval: How long to let others wait on before looking again.
    mutating func takeExpired(
        at now: ContinuousClock.Instant,
        interval: Duration
    ) -> [Waiting] {
        guard let expiry = self.nextExpiry, expiry <= now else { return [] }
        self.earliestLook = now.advanced(by: interval)
        let all = self.takeAll()
        var expired: [Waiting] = []
        for waiting in all where !waiting.request.isComplete {
            if let end = waiting.request.waitEnd, end <= now {
                expired.append(waiting)
            } else {
                self.insert(waiting)
            }
        }
        return expired
    }

    /// Drops those that nobody waits for any more, if there are any.
    mutating func dropComplete() {
        guard self.leavers.take() > 0 else { return }
        for waiting in self.takeAll() where !waiting.request.isComplete { self.insert(waiting) }
    }
}

private final class Leavers: Sendable {
    private let count = Atomic(0)

    func add() { self.count.wrappingAdd(1, ordering: .relaxed) }

    func take() -> Int { self.count.exchange(0, ordering: .relaxed) }
}
