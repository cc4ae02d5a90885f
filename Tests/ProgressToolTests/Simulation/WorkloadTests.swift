import ProgressChain
import Testing

@testable import ProgressTool

@Suite("What a simulated worker writes")
struct WorkloadTests {
    private static let start = SimulatedFile.Instant(seconds: 1_800_000_000, nanoseconds: 0)

    /// Plays actions on plain arrays, as a database would hold them, and checks after each.
    private func play(
        seed: UInt64,
        actionCount: Int,
        _ check: (Workload, [[SimulatedFile]], Workload.Action) throws -> Void
    ) throws {
        var pace = Workload.Pace()
        pace.roundsPerCompaction = 2
        pace.roundsPerReorganisation = 3
        let tables = ["blocks", "logs"].enumerated().map { index, name in
            SimulatedTable(revision: Int64(index), name: name, files: [])
        }
        var workload = Workload(tables: tables, network: "mainnet", pace: pace, seed: seed)
        var rows: [[SimulatedFile]] = [[], []]
        var nextID: Int64 = 1
        for step in 0..<Int64(actionCount) {
            let now = SimulatedFile.Instant(seconds: Self.start.seconds + step, nanoseconds: 0)
            let next = workload.next(at: now)
            let action = try #require(next)
            let (files, table): ([SimulatedFile], Int) =
                switch action {
                case .append(let file, let table): ([file], table)
                case .compact(_, let merged, let table): ([merged], table)
                case .reorganise(_, let replacements, let table): (replacements, table)
                }
            let ids = files.map { _ in
                defer { nextID += 1 }
                return nextID
            }
            rows[table] += zip(files, ids).map { $0.identified(by: $1) }
            workload.performed(action, ids: ids)
            try check(workload, rows, action)
        }
    }

    @Test("After every step the server sees one chain from block 0 to the tail", arguments: 1...4)
    func chainStaysLinked(seed: Int) throws {
        var kinds: Set<String> = []
        var highest: [Int64] = [-1, -1]
        try self.play(seed: UInt64(seed), actionCount: 100) { workload, rows, action in
            switch action {
            case .append: kinds.insert("append")
            case .compact: kinds.insert("compact")
            case .reorganise: kinds.insert("reorganise")
            }
            for (index, table) in workload.tables.enumerated() {
                let summary = try summary(of: rows[index])
                #expect(summary.syncedRange?.startBlock == (rows[index].isEmpty ? nil : 0))
                #expect(summary.syncedRange?.currentBlock == table.lastBlock)
                // Never back: a reorganisation replaces the newest blocks, it does not drop them.
                let last = table.lastBlock ?? -1
                #expect(last >= highest[index])
                highest[index] = last
            }
        }
        #expect(kinds == ["append", "compact", "reorganise"])
    }

    @Test("A worker that starts again finds the tail that the former one left", arguments: 1...4)
    func continues(seed: Int) throws {
        try self.play(seed: UInt64(seed), actionCount: 60) { workload, rows, _ in
            for (index, table) in workload.tables.enumerated() {
                let found = SimulatedTable(
                    revision: 0,
                    name: table.name,
                    files: rows[index].shuffled()
                )
                #expect(found.files.last == table.files.last)
                #expect(found.files.suffix(4) == table.files.suffix(4))
            }
        }
    }

    @Test("Equal seeds make equal files, others make others")
    func seeds() throws {
        func files(_ seed: UInt64) throws -> [[SimulatedFile]] {
            var last: [[SimulatedFile]] = []
            try self.play(seed: seed, actionCount: 20) { _, rows, _ in last = rows }
            return last
        }
        #expect(try files(1) == files(1))
        #expect(try files(1) != files(2))
    }

    @Test("At the last block number it ends and does not trap")
    func lastBlock() {
        let tail = SimulatedFile(
            id: 1,
            table: "blocks",
            network: "mainnet",
            blocks: 0...(Int64.max - 1),
            hash: BlockHash(block: 1, network: "mainnet", branch: 0),
            parentHash: .zero,
            byteCount: 1,
            createdAt: Self.start,
            nonce: 1
        )
        let table = SimulatedTable(revision: 1, name: "blocks", files: [tail])
        var workload = Workload(tables: [table], network: "mainnet", pace: .init(), seed: 1)
        #expect(workload.next(at: Self.start) == nil)
    }
}
