import ProgressPostgres
import TestSupport

/// One session that changes the database as Amp does, and as others might.
struct RandomWriter {
    /// What a writer does, and how often, in parts of the whole.
    enum Action: String, CaseIterable {
        case append, appendLateID, appendAfterSavepoint, updateFile, replaceFile, deleteFiles
        case compact, compactInTwoSteps, moveFile, collectGarbage, truncate
        case setStatus, switchRevision, shareRevision, reassignRevision, replaceRevision
        case replaceJob

        var weight: Int {
            switch self {
            case .append: 30
            case .deleteFiles: 14
            case .appendLateID, .updateFile, .setStatus: 12
            case .appendAfterSavepoint, .replaceFile, .compact: 8
            case .compactInTwoSteps, .switchRevision: 6
            case .shareRevision, .reassignRevision: 4
            case .moveFile, .collectGarbage, .replaceRevision: 2
            case .truncate, .replaceJob: 1
            }
        }
    }

    let session: PostgresSession
    let traffic: Traffic
    let actions: [Action]
    var random: SplitMix64

    init(
        conninfo: String,
        traffic: Traffic,
        truncates: Bool,
        seed: UInt64
    ) throws(PostgresError) {
        self.session = try PostgresSession(conninfo: conninfo)
        // Writers meet at rows in any order: PostgreSQL ends a deadlock, and that is fine.
        try self.session.execute("SET deadlock_timeout = '5ms'")
        self.traffic = traffic
        self.actions = Action.allCases.filter { truncates || $0 != .truncate }
            .flatMap { Array(repeating: $0, count: $0.weight) }
        self.random = SplitMix64(seed: seed)
    }

    /// Does one thing.
    mutating func act() {
        let action = self.actions.randomElement(using: &self.random) ?? .append
        self.traffic.began(action.rawValue)
        do throws(PostgresError) {
            try self.perform(action)
        } catch {
            self.traffic.refused(error.state?.rawValue ?? error.message)
        }
    }

    private mutating func perform(_ action: Action) throws(PostgresError) {
        switch action {
        case .append, .appendLateID, .appendAfterSavepoint, .updateFile, .replaceFile,
            .deleteFiles, .compact, .compactInTwoSteps, .moveFile, .collectGarbage, .truncate:
            try self.changeFiles(action)
        case .setStatus: try self.setStatus()
        case .switchRevision: try self.switchRevision(in: "main")
        case .shareRevision: try self.switchRevision(in: "copy")
        case .reassignRevision: try self.reassignRevision()
        case .replaceRevision: try self.replaceRevision()
        case .replaceJob: try self.replaceJob()
        }
    }

    /// Runs `body` in one transaction, which now and then stays open for a while at the end, or is
    /// rolled back.
    ///
    /// - Parameter beforeCommit: Called when the transaction is sure to be committed.
    mutating func transaction(
        mayRollBack: Bool = true,
        _ body: (PostgresSession) throws(PostgresError) -> Void,
        beforeCommit: () -> Void = {}
    ) throws(PostgresError) {
        let isRolledBack = self.chance(of: 10) && mayRollBack
        let heldFor = self.chance(of: 25) ? self.number(in: 1...4) : 0
        let durability = self.chance(of: 30) ? "on" : "off"
        try self.session.execute("BEGIN; SET LOCAL synchronous_commit = \(durability)")
        do throws(PostgresError) {
            try body(self.session)
            if heldFor > 0 { try self.session.execute("SELECT pg_sleep(0.00\(heldFor))") }
            guard !isRolledBack else {
                try self.session.execute("ROLLBACK")
                return self.traffic.rolledBack()
            }
            let xid = try self.session.int64("SELECT pg_current_xact_id()::text::bigint")
            beforeCommit()
            self.traffic.announce(UInt64(xid))
            try self.session.execute("COMMIT")
            self.traffic.committed(UInt64(xid))
        } catch {
            try? self.session.execute("ROLLBACK")
            throw error
        }
    }

    mutating func number(in range: ClosedRange<Int64>) -> Int64 {
        Int64.random(in: range, using: &self.random)
    }

    mutating func chance(of percent: Int64) -> Bool { self.number(in: 1...100) <= percent }

    /// The id of any row of a table; `nil` if there is none.
    mutating func anyID(
        of table: String,
        where condition: String = "true"
    ) throws(PostgresError) -> Int64? {
        let place = self.number(in: 0...9_999)
        let rows = "\(table) WHERE \(condition)"
        return try self.session.ids(
            """
            SELECT id FROM \(rows)
             ORDER BY id LIMIT 1 OFFSET $1 % greatest(1, (SELECT count(*) FROM \(rows)))
            """,
            [.int64(place)]
        ).first
    }
}

extension PostgresSession {
    /// The `bigint` of the first column of all rows.
    func ids(_ sql: String, _ parameters: [Parameter]) throws(PostgresError) -> [Int64] {
        var ids: [Int64] = []
        try self.query(sql, parameters) { row throws(PostgresError) in
            ids.append(try row.int64(0))
        }
        return ids
    }
}
