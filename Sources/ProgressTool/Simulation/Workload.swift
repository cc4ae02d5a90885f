/// Decides what a simulated worker writes next; it writes nothing itself.
///
/// Tables advance in rounds: each gets one file up to the same block. Between rounds the newest
/// files may be compacted, or replaced by those of another branch of the chain.
struct Workload: Sendable {
    /// How often what happens.
    struct Pace: Sendable {
        /// Blocks that one round adds.
        var blocksPerFile: ClosedRange<Int64> = 100...1_000
        /// A compaction after so many rounds on average; 0: never.
        var roundsPerCompaction: UInt64 = 6
        /// A reorganisation after so many rounds on average; 0: never.
        var roundsPerReorganisation: UInt64 = 20
    }

    /// One thing to write, in transactions of its own.
    enum Action: Equatable, Sendable {
        /// Insert the file.
        case append(SimulatedFile, table: Int)
        /// Insert `merged`; then, in a second transaction, hand the parents to the collector.
        case compact([SimulatedFile], merged: SimulatedFile, table: Int)
        /// Insert the replacements together; then hand the replaced files to the collector.
        case reorganise([SimulatedFile], replacements: [SimulatedFile], table: Int)
    }

    /// The tables of the job as they are after the actions reported by ``performed(_:)``.
    private(set) var tables: [SimulatedTable]
    private let network: String
    private let pace: Pace
    private var generator: SplitMix64
    private var branch: UInt64 = 0
    private var waiting: [Step] = []

    /// What a round is made of, before it is known how the tables stand by then.
    private enum Step {
        case append(table: Int, end: Int64)
        case compact(table: Int, count: Int)
        case reorganise(table: Int, count: Int)
    }

    /// Files left alone at the tail by a compaction, so that it never meets a reorganisation.
    static let headLength = 4

    init(tables: [SimulatedTable], network: String, pace: Pace, seed: UInt64) {
        precondition(!tables.isEmpty, "a workload needs a table to write")
        self.tables = tables
        self.network = network
        self.pace = pace
        self.generator = SplitMix64(seed: seed)
    }

    /// The next action, its files made at `now`; `nil` when the blocks have run out.
    mutating func next(at now: SimulatedFile.Instant) -> Action? {
        // A round appends at least once, so a second one is only needed for steps without effect.
        for _ in 0..<2 {
            while !self.waiting.isEmpty {
                if let action = self.action(for: self.waiting.removeFirst(), at: now) {
                    return action
                }
            }
            self.planRound()
        }
        return nil
    }

    /// Takes note that `action` is committed; `ids` are those of the inserted rows, in its order.
    mutating func performed(_ action: Action, ids: [Int64]) {
        switch action {
        case .append(let file, let table):
            self.tables[table].append(file.identified(by: ids.first))
        case .compact(let parents, let merged, let table):
            self.tables[table].replace(parents, with: [merged.identified(by: ids.first)])
        case .reorganise(let replaced, let replacements, let table):
            let files = zip(replacements, ids).map { $0.identified(by: $1) }
            self.tables[table].replace(replaced, with: files)
        }
    }

    private mutating func planRound() {
        if self.happens(onceIn: self.pace.roundsPerReorganisation) {
            self.branch = self.generator.next()
            let count = Int.random(in: 1...3, using: &self.generator)
            self.waiting += self.tables.indices.map { .reorganise(table: $0, count: count) }
        }
        if self.happens(onceIn: self.pace.roundsPerCompaction) {
            let table = Int.random(in: self.tables.indices, using: &self.generator)
            let count = Int.random(in: 2...8, using: &self.generator)
            self.waiting.append(.compact(table: table, count: count))
        }
        let last = self.tables.compactMap(\.lastBlock).max() ?? -1
        let length = Int64.random(in: self.pace.blocksPerFile, using: &self.generator)
        let (end, overflow) = last.addingReportingOverflow(length)
        if !overflow {
            self.waiting += self.tables.indices.map { .append(table: $0, end: end) }
        }
    }

    private mutating func happens(onceIn count: UInt64) -> Bool {
        count > 0 && self.generator.next() % count == 0
    }

    private mutating func action(for step: Step, at now: SimulatedFile.Instant) -> Action? {
        switch step {
        case .append(let table, let end):
            let blockCount = end - (self.tables[table].lastBlock ?? -1)
            let bytesPerBlock = Int64.random(in: 20_000...120_000, using: &self.generator)
            let (byteCount, overflow) = blockCount.multipliedReportingOverflow(by: bytesPerBlock)
            return self.tables[table].successor(
                through: end,
                network: self.network,
                branch: self.branch,
                byteCount: overflow ? .max : byteCount,
                createdAt: now,
                nonce: self.generator.next()
            ).map { .append($0, table: table) }
        case .compact(let table, let count):
            return self.tables[table].compaction(
                of: count,
                beforeTail: Self.headLength,
                createdAt: now,
                nonce: self.generator.next()
            ).map { .compact($0.parents, merged: $0.merged, table: table) }
        case .reorganise(let table, let count):
            let replaced = Array(self.tables[table].files.suffix(count))
            return self.tables[table].reorganisation(
                of: count,
                branch: self.branch,
                createdAt: now,
                using: &self.generator
            ).map { .reorganise(replaced, replacements: $0, table: table) }
        }
    }
}

extension SimulatedFile {
    /// The same file under the key of its row.
    func identified(by id: Int64?) -> SimulatedFile {
        var file = self
        file.id = id
        return file
    }
}
