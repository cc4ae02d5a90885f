import ProgressPostgres

/// What asks the change log: statements of one session and one state of the triggers.
///
/// Each tells what the log has of transactions from xid8 $1 on, or of those in xid8[] $2; xid8 $3 is
/// the lowest that was in progress.
///
/// kind "char"?, key bigint?, ids bigint[]?, transaction xid8?, snapshot pg_snapshot?, whole boolean?.
/// One row has the snapshot and whether the log is whole; the others are rows of the log. In one
/// statement, so all of it is of one moment.
///
/// The log is not whole if its triggers are not what they were, or if it may have been pruned of what
/// is asked for: a standby that was behind replays writing and pruning of minutes in one instant.
/// Horizons above the present are another cluster's.
struct LogStatements: Equatable, Sendable {
    /// Most files that a statement changed for which ``changesWithFiles`` reads their rows.
    static let fileLimit = 16

    let changes: Statement
    /// As ``changes``, with the columns of ``Statements/files`` for the files of revisions bigint[] $4
    /// that a row of the log lists: that row once for each of them.
    ///
    /// A join by ANY takes files by their key alone, however many the plan expects: one that expects a third of the
    /// log would read the whole table.
    ///
    /// It may wait for a lock of somebody who empties or rewrites the table of files; it locks before
    /// it takes its snapshot, so that it sees no rows of before and no change of after.
    let changesWithFiles: Statement

    var statements: [Statement] { [self.changes, self.changesWithFiles] }

    /// - Parameters:
    ///   - number: Another one for each expression, as a session prepares a name once.
    ///   - isUnchanged: ``TrackingCatalog/isUnchangedExpression``.
    init(number: Int, isUnchanged: String) {
        self.changes = Statement(
            name: "changes_\(number)",
            sql: """
                \(Self.moment(isUnchanged))
                UNION ALL
                \(Self.rows("WHERE l.xid >= $1"))
                UNION ALL
                \(Self.rows("WHERE l.xid = ANY ($2)"))
                """
        )
        self.changesWithFiles = Statement(
            name: "changes_with_files_\(number)",
            sql: """
                \(Self.moment(isUnchanged, ", NULL::bigint, NULL::bigint, NULL::jsonb, NULL::xid, NULL::bigint"))
                UNION ALL
                \(Self.rows("\(joinedFiles) WHERE l.xid >= $1", fileColumns))
                UNION ALL
                \(Self.rows("\(joinedFiles) WHERE l.xid = ANY ($2)", fileColumns))
                """
        )
    }

    private static func moment(_ isUnchanged: String, _ more: String = "") -> String {
        """
        SELECT NULL::"char", NULL::bigint, NULL::bigint[], NULL::xid8, pg_current_snapshot(),
               \(isUnchanged)
               AND NOT (EXISTS (SELECT FROM progress.horizon AS h WHERE h.xid > $3
                                       AND h.xid <= pg_snapshot_xmin(pg_current_snapshot()))
                        AND NOT EXISTS (SELECT FROM progress.horizon AS h WHERE h.xid <= $3))\(more)
        """
    }

    private static func rows(_ condition: String, _ more: String = "") -> String {
        """
        SELECT l.kind, l.key, l.ids, l.xid, NULL, NULL\(more) FROM progress.log AS l \(condition)
        """
    }
}

private let fileColumns = ", f.id, f.object_size, f.metadata, f.xmin, f.location_id"

private let joinedFiles = """
    LEFT JOIN public.file_metadata AS f ON f.id = ANY (
         CASE WHEN l.kind = 'F' AND l.key = ANY ($4)
                   AND cardinality(l.ids) <= \(LogStatements.fileLimit) THEN l.ids END)
    """
