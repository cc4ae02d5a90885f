import ProgressPostgres

/// What asks the change log: statements of one session and one state of the triggers.
///
/// Each tells what the log has of transactions from xid8 $1 on; xid8 $2 is the lowest that was in
/// progress.
///
/// kind "char"?, key bigint?, ids bigint[]?, transaction xid8?, snapshot pg_snapshot?, whole boolean?.
/// One row has the snapshot and whether the log is whole; the others are rows of the log. In one
/// statement, so all of it is of one moment.
///
/// The log is not whole if its triggers are not what they were, or if it may have been pruned of what
/// is asked for: a standby that was behind replays writing and pruning of minutes in one instant.
/// Horizons above the present are another cluster's.
struct LogStatements: Equatable, Sendable {
    /// Most files that a statement changed for which their rows are read as well.
    static let fileLimit = 16

    /// What a statement asks for beyond the changes of later transactions.
    ///
    /// To ask for what is not there costs time all the same, as a plan is set up as a whole.
    struct Additions: OptionSet, Hashable, Sendable {
        let rawValue: Int

        /// The changes of transactions xid8[] $3 too, which were in progress.
        static let transactions = Self(rawValue: 1)
        /// The columns of ``Statements/files`` too, for the files of revisions bigint[] $4, or $3 if
        /// there are no transactions, that a row of the log lists: that row once for each of them.
        ///
        /// A join by ANY takes files by their key alone, however many the plan expects: one that
        /// expects a third of the log would read the whole table.
        ///
        /// It may wait for a lock of somebody who empties or rewrites the table of files; it locks
        /// before it takes its snapshot, so that it sees no rows of before and no change of after.
        static let files = Self(rawValue: 2)
    }

    /// By the additions.
    let statements: [Statement]

    /// - Parameters:
    ///   - number: Another one for each expression, as a session prepares a name once.
    ///   - isUnchanged: ``TrackingCatalog/isUnchangedExpression``.
    init(number: Int, isUnchanged: String) {
        self.statements = (0...3).map(Additions.init).map { additions in
            let hasFiles = additions.contains(.files)
            let hasTransactions = additions.contains(.transactions)
            let join = hasFiles ? joinedFiles(of: hasTransactions ? "$4" : "$3") : ""
            let columns = hasFiles ? fileColumns : ""
            var parts = [
                Self.moment(isUnchanged, hasFiles ? noFileColumns : ""),
                Self.rows("\(join) WHERE l.xid >= $1", columns),
            ]
            if hasTransactions {
                parts.append(Self.rows("\(join) WHERE l.xid = ANY ($3)", columns))
            }
            return Statement(
                name: "changes_\(number)_\(additions.rawValue)",
                sql: parts.joined(separator: "\nUNION ALL\n")
            )
        }
    }

    func changes(_ additions: Additions) -> Statement { self.statements[additions.rawValue] }

    private static func moment(_ isUnchanged: String, _ more: String) -> String {
        """
        SELECT NULL::"char", NULL::bigint, NULL::bigint[], NULL::xid8, pg_current_snapshot(),
               \(isUnchanged)
               AND NOT (EXISTS (SELECT FROM progress.horizon AS h WHERE h.xid > $2
                                       AND h.xid <= pg_snapshot_xmin(pg_current_snapshot()))
                        AND NOT EXISTS (SELECT FROM progress.horizon AS h WHERE h.xid <= $2))\(more)
        """
    }

    private static func rows(_ condition: String, _ more: String) -> String {
        """
        SELECT l.kind, l.key, l.ids, l.xid, NULL, NULL\(more) FROM progress.log AS l \(condition)
        """
    }
}

private let fileColumns = ", f.id, f.object_size, f.metadata, f.xmin, f.location_id"

private let noFileColumns = ", NULL::bigint, NULL::bigint, NULL::jsonb, NULL::xid, NULL::bigint"

private func joinedFiles(of revisions: String) -> String {
    """
    LEFT JOIN public.file_metadata AS f ON f.id = ANY (
         CASE WHEN l.kind = 'F' AND l.key = ANY (\(revisions))
                   AND cardinality(l.ids) <= \(LogStatements.fileLimit) THEN l.ids END)
    """
}
