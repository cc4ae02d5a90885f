import ProgressChain
import ProgressPostgres

/// A look at what moved, in one round trip.
enum Look: Equatable, Sendable {
    /// The snapshot alone tells: it is as it was, or something moved.
    case snapshot
    /// The change log tells what moved since a snapshot, and what became of the files of these
    /// revisions, as far as there are few.
    case changes(since: Snapshot, LogStatements, filesOf: [RevisionID])

    var statement: Statement {
        switch self {
        case .snapshot: Statements.snapshot
        case .changes(let since, let statements, let revisions):
            statements.changes(
                [since.between.isEmpty ? [] : .transactions, revisions.isEmpty ? [] : .files]
            )
        }
    }

    var query: Query {
        switch self {
        case .snapshot: return Query(Statements.snapshot)
        case .changes(let since, _, let revisions):
            // A standby does not tell what was in progress: there, from the lowest that was.
            let start = since.isComplete ? since.xmax : since.xmin
            var parameters: [Parameter] = [.transactionID(start), .transactionID(since.xmin)]
            if !since.between.isEmpty { parameters.append(.transactionIDs(since.between)) }
            if !revisions.isEmpty { parameters.append(.int64s(revisions.map(\.rawValue))) }
            return Query(self.statement, parameters)
        }
    }

    var readsFiles: Bool {
        if case .changes(_, _, let revisions) = self { !revisions.isEmpty } else { false }
    }

    /// The files of which the rows are read as well, if they are there.
    func files(of changes: [LogChange]) -> Set<Int64> {
        guard case .changes(_, _, let revisions) = self, !revisions.isEmpty else { return [] }
        var files: Set<Int64> = []
        for case .files(let revision, let ids) in changes
        where ids.count <= LogStatements.fileLimit && revisions.contains(revision) {
            files.formUnion(ids)
        }
        return files
    }
}

extension Snapshot {
    /// The end of time, from which on the log has nothing.
    static let end = Self(xmin: .max >> 1, xmax: .max >> 1)

    /// The same with a transaction in progress, of which the log has nothing either.
    static let busyEnd = Self(xmin: .max >> 1, xmax: .max >> 1, inProgress: [.max >> 1])

    /// The transactions below ``xmax`` of which the log may have news.
    fileprivate var between: [UInt64] { self.isComplete ? self.inProgress : [] }
}

extension PostgresConnection {
    /// Whether the look can be sent without preparing it first.
    func hasPrepared(_ look: Look) -> Bool { self.hasPrepared(look.statement) }

    /// Sends a look; ``receive(_:taken:isStandby:names:limit:)`` must follow.
    func send(_ look: Look) throws(PostgresError) { try self.send(single: look.query) }

    /// Receives what a look that was sent tells.
    ///
    /// - Parameter taken: The transactions of the log that were taken in before; those seen are added.
    func receive(
        _ look: Look,
        taken: inout TakenTransactions,
        isStandby: Bool,
        names: NetworkNames,
        limit: WaitLimit
    ) throws(PostgresError) -> MomentReading {
        var gatherer = LookGatherer(look, taken: taken, isStandby: isStandby, names: names)
        try self.receiveSingle(limit: limit) { row throws(PostgresError) in
            try gatherer.append(row)
        }
        return try gatherer.finish(&taken)
    }

    /// Sends a look and receives what it tells.
    func look(
        _ look: Look,
        taken: inout TakenTransactions,
        isStandby: Bool,
        names: NetworkNames,
        limit: WaitLimit
    ) throws(PostgresError) -> MomentReading {
        var gatherer = LookGatherer(look, taken: taken, isStandby: isStandby, names: names)
        try self.run(single: look.query, limit: limit) { row throws(PostgresError) in
            try gatherer.append(row)
        }
        return try gatherer.finish(&taken)
    }
}

/// Gathers the rows of a look.
struct LookGatherer {
    private let isStandby: Bool
    private let look: Look
    private let taken: TakenTransactions
    private let names: NetworkNames
    private var seen: Set<UInt64> = []
    private(set) var reading = MomentReading()

    init(_ look: Look, taken: TakenTransactions, isStandby: Bool, names: NetworkNames) {
        self.look = look
        self.taken = taken
        self.isStandby = isStandby
        self.names = names
    }

    mutating func append(_ row: borrowing Row) throws(PostgresError) {
        guard case .changes(_, _, let revisions) = self.look else {
            self.reading.snapshot = try row.snapshot(0, isComplete: !self.isStandby)
            return
        }
        guard row.isNull(4) else {
            self.reading.snapshot = try row.snapshot(4, isComplete: !self.isStandby)
            self.reading.isLogWhole = try row.bool(5)
            return
        }
        if !revisions.isEmpty, !row.isNull(6) {
            let file = try row.file(startingAt: 6, names: self.names)
            self.reading.files[file.id] = file
        }
        let transaction = UInt64(bitPattern: try row.int64(3))
        if self.taken.contains(transaction) { return }
        if self.isStandby { self.seen.insert(transaction) }
        let change = try row.logChange()
        // Once for each of its files.
        if change != self.reading.changes.last { self.reading.changes.append(change) }
    }

    /// - Throws: ``PostgresError`` of kind `invalidValue` if there was no snapshot.
    func finish(_ taken: inout TakenTransactions) throws(PostgresError) -> MomentReading {
        guard let snapshot = self.reading.snapshot else {
            throw PostgresError(.invalidValue, "there is no snapshot")
        }
        taken.take(self.seen, until: snapshot)
        return self.reading
    }
}
