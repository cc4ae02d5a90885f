/// All that was committed to the recorded tables during a run, so that any past snapshot can be
/// looked at again.
struct History: Sendable {
    /// The rows that are looked at together.
    enum Part: Hashable, Sendable {
        /// Jobs, statuses, events, tables and revisions.
        case catalog
        /// The files of one revision.
        case files(Int64)
    }

    private var groups: [Part: RowGroup] = [:]
    private var partsByTransaction: [UInt64: Set<Part>] = [:]
    /// The revisions that a job ever was the writer of.
    private var revisionsByJob: [Int64: Set<Int64>] = [:]

    /// - Parameter changes: Of committed transactions only, in any order.
    init(_ changes: [RecordedChange]) {
        // Where each file was last: what takes it away from there is a change there too.
        var revisions: [Int64: Set<Int64>] = [:]
        for change in changes.sorted(by: { $0.sequence < $1.sequence }) {
            switch (change.source, change.effect) {
            case (.files, .present(let row)):
                if let revision = row.owner { revisions[row.key, default: []].insert(revision) }
                self.append(change, to: revisions[row.key, default: []].map(Part.files))
            case (.files, .gone(let key)):
                self.append(change, to: revisions[key, default: []].map(Part.files))
            case (.files, .truncated):
                self.append(change, to: self.groups.keys.filter { $0 != .catalog })
            default:
                if case .present(let row) = change.effect, row.source == .revisions,
                    let writer = row.owner
                {
                    self.revisionsByJob[writer, default: []].insert(row.key)
                }
                self.append(change, to: [.catalog])
            }
        }
        for part in self.groups.keys { self.groups[part]?.seal() }
    }

    private mutating func append(_ change: RecordedChange, to parts: [Part]) {
        for part in parts {
            self.groups[part, default: RowGroup()].append(change)
            self.partsByTransaction[change.xid, default: []].insert(part)
        }
    }

    /// The rows of a part as of a snapshot.
    func rows(of part: Part, at snapshot: ReadSnapshot) -> [RecordedRow] {
        let rows = self.groups[part]?.rows(at: snapshot) ?? []
        guard case .files(let revision) = part else { return rows }
        return rows.filter { $0.owner == revision }
    }

    /// Which of a part's transactions a snapshot sees.
    func seen(of part: Part, by snapshot: ReadSnapshot) -> SeenTransactions {
        self.groups[part]?.seen(by: snapshot) ?? SeenTransactions(prefixCount: 0)
    }

    /// Whether a transaction may have changed the answer for a job; sometimes it did not.
    func concerns(_ xid: UInt64, job: Int64) -> Bool {
        guard let parts = self.partsByTransaction[xid] else { return false }
        if parts.contains(.catalog) { return true }
        let revisions = self.revisionsByJob[job] ?? []
        return parts.contains { part in
            guard case .files(let revision) = part else { return false }
            return revisions.contains(revision)
        }
    }

    /// Every transaction that changed anything.
    var transactions: some Collection<UInt64> { self.partsByTransaction.keys }

    /// Every revision that ever had a file.
    var revisions: [Int64] {
        self.groups.keys.compactMap { part in
            guard case .files(let revision) = part else { return nil }
            return revision
        }
    }
}
