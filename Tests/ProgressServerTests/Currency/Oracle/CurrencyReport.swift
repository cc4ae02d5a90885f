/// What a run of the check found.
struct CurrencyReport: Sendable {
    enum Problem: String, CaseIterable, Sendable {
        /// The answer was right at an earlier moment, not at the one it names.
        case stale
        /// The answer was right at no moment.
        case torn
        /// A transaction acknowledged before the request is not in the answer's snapshot.
        case missedCommit = "missed commit"
        /// The snapshot is older than one that was received before the request.
        case backwards
        /// Equal answers have different versions, or different answers the same.
        case version
        /// "Not found" or "not modified", which was true at no moment of the call.
        case noMoment = "no moment"
        /// The snapshot is no text of PostgreSQL's.
        case unreadable
        /// The call failed.
        case failed
    }

    /// Most problems that are kept as text.
    static let exampleLimit = 5

    var seed: UInt64
    private(set) var counts: [Problem: Int] = [:]
    private(set) var examples: [String] = []

    /// All calls.
    var answerCount = 0
    var notModifiedCount = 0
    var notFoundCount = 0
    /// Answers without a snapshot with too many commits beside them to tell.
    var uncheckedCount = 0
    /// Different answers, and different snapshots, that were seen.
    var distinctAnswerCount = 0
    var distinctSnapshotCount = 0
    /// Of the writers.
    var traffic = WriterTally()

    init(seed: UInt64) {
        self.seed = seed
    }

    func count(of problem: Problem) -> Int { self.counts[problem] ?? 0 }

    /// Answers that were not the truth at the moment that they name.
    var mismatchCount: Int { self.count(of: .stale) + self.count(of: .torn) }

    var isClean: Bool { self.counts.isEmpty }

    mutating func add(_ problem: Problem, _ text: @autoclosure () -> String) {
        self.counts[problem, default: 0] += 1
        guard self.examples.count < Self.exampleLimit else { return }
        self.examples.append("\(problem.rawValue): \(text()) (seed \(self.seed))")
    }
}

extension CurrencyReport: CustomStringConvertible {
    var description: String {
        let problems = Problem.allCases.compactMap { problem in
            self.counts[problem].map { "\($0) \(problem.rawValue)" }
        }
        let summary = """
            \(self.answerCount) answers (\(self.distinctAnswerCount) different, of \
            \(self.distinctSnapshotCount) snapshots, \(self.notModifiedCount) not modified, \
            \(self.notFoundCount) not found, \(self.uncheckedCount) unchecked); \(self.traffic): \
            \(problems.isEmpty ? "no problem" : problems.joined(separator: ", "))
            """
        return ([summary] + self.examples).joined(separator: "\n  ")
    }
}

/// What the writers of a run did.
struct WriterTally: Equatable, Sendable {
    var committedCount = 0
    var rolledBackCount = 0
    /// Refused by PostgreSQL, such as to end a deadlock, by its code.
    var refusals: [String: Int] = [:]
    /// Transactions by what they did, the committed and the others.
    var actions: [String: Int] = [:]
}

extension WriterTally: CustomStringConvertible {
    var description: String {
        "\(self.committedCount) commits, \(self.rolledBackCount) rolled back, "
            + "\(self.refusals.values.reduce(0, +)) refused"
    }
}
