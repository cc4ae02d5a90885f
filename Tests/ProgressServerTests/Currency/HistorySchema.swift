import ProgressPostgres
import TestSupport

/// The schema `history` of a test database: triggers that record every change of Amp's tables.
///
/// A row of the history is committed, and rolled back, with the change that it describes. The
/// columns of a table that are recorded are given here once, for the triggers and for reading.
enum HistorySchema {
    /// Creates it; what was in the tables before is not recorded.
    static let script: String = {
        let recorders = RecordedChange.Source.allCases.map { source in
            """
            CREATE FUNCTION history.record_\(source.rawValue)() RETURNS trigger
            LANGUAGE plpgsql AS $$
            BEGIN
                IF TG_OP = 'TRUNCATE' THEN
                    INSERT INTO history.change (source) VALUES (TG_TABLE_NAME);
                ELSIF TG_OP = 'DELETE' THEN
                    INSERT INTO history.change (source, key)
                    SELECT TG_TABLE_NAME, \(source.key) FROM (SELECT OLD.*) AS t;
                ELSE
                    INSERT INTO history.change (source, key, is_present, owner, words)
                    SELECT TG_TABLE_NAME, \(source.key), true, \(source.owner),
                           ARRAY[\(source.words.joined(separator: ", "))]::text[]
                      FROM (SELECT NEW.*) AS t;
                END IF;
                RETURN NULL;
            END $$;
            CREATE TRIGGER history AFTER INSERT OR UPDATE OR DELETE ON public.\(source.rawValue)
                FOR EACH ROW EXECUTE FUNCTION history.record_\(source.rawValue)();
            CREATE TRIGGER history_truncate AFTER TRUNCATE ON public.\(source.rawValue)
                EXECUTE FUNCTION history.record_\(source.rawValue)();
            ALTER TABLE public.\(source.rawValue) ENABLE ALWAYS TRIGGER history;
            ALTER TABLE public.\(source.rawValue) ENABLE ALWAYS TRIGGER history_truncate;
            """
        }
        return ([Self.table] + recorders).joined(separator: "\n")
    }()

    private static let table = """
        CREATE SCHEMA history;
        CREATE TABLE history.change (
            sequence bigint GENERATED ALWAYS AS IDENTITY,
            xid xid8 NOT NULL DEFAULT pg_current_xact_id(),
            source text NOT NULL,
            key bigint,
            is_present boolean NOT NULL DEFAULT false,
            owner bigint,
            words text[]
        );
        """

    /// Most words of a row.
    private static let wordCount = 6

    /// The history, held against the tables themselves.
    ///
    /// - Throws: ``HistoryGap`` if what was recorded does not add up to what is in a table.
    static func history(in session: PostgresSession) throws -> History {
        try session.execute("BEGIN ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        let history = History(try self.changes(in: session))
        let text = try session.strings("SELECT pg_current_snapshot()::text").first ?? nil
        guard let snapshot = text.flatMap(ReadSnapshot.init) else { throw HistoryGap(table: "") }
        let parts = [.catalog] + history.revisions.map(History.Part.files)
        let recorded = parts.flatMap { history.rows(of: $0, at: snapshot) }
        for source in RecordedChange.Source.allCases {
            let rows = try self.rows(of: source, in: session)
            let expected = recorded.filter { $0.source == source }
            guard rows.count == expected.count, Set(rows) == Set(expected) else {
                throw HistoryGap(table: source.rawValue)
            }
        }
        try session.execute("COMMIT")
        return history
    }

    /// All that was recorded and committed.
    static func changes(in session: PostgresSession) throws -> [RecordedChange] {
        var changes: [RecordedChange] = []
        let words = (1...Self.wordCount).map { "words[\($0)]" }.joined(separator: ", ")
        try session.query(
            """
            SELECT sequence, xid::text, source, key, is_present, owner,
                   coalesce(cardinality(words), 0)::bigint, \(words)
              FROM history.change ORDER BY sequence
            """
        ) { row throws(PostgresError) in
            guard let source = RecordedChange.Source(rawValue: try row.string(2)),
                let xid = UInt64(try row.string(1))
            else { throw PostgresError(.invalidValue, "a change of no known table") }
            changes.append(
                RecordedChange(
                    sequence: try row.int64(0),
                    xid: xid,
                    source: source,
                    effect: try effect(row, on: source)
                )
            )
        }
        return changes
    }

    /// The rows that a table has now, read as the triggers read them.
    private static func rows(
        of source: RecordedChange.Source,
        in session: PostgresSession
    ) throws -> [RecordedRow] {
        var rows: [RecordedRow] = []
        try session.query(
            """
            SELECT \(([source.key, source.owner] + source.words).joined(separator: ", "))
              FROM public.\(source.rawValue) AS t
            """
        ) { row throws(PostgresError) in
            rows.append(
                RecordedRow(
                    source: source,
                    key: try row.int64(0),
                    owner: try row.int64IfPresent(1),
                    words: source.words.indices.map { row.stringIfPresent(2 + $0) }
                )
            )
        }
        return rows
    }
}

/// A table is not what its recorded changes made of it.
struct HistoryGap: Error {
    var table: String
}

private func effect(
    _ row: borrowing Row,
    on source: RecordedChange.Source
) throws(PostgresError) -> RecordedChange.Effect {
    guard let key = try row.int64IfPresent(3) else { return .truncated }
    guard try row.bool(4) else { return .gone(key: key) }
    var words: [String?] = []
    for index in 0..<Int(try row.int64(6)) { words.append(row.stringIfPresent(7 + index)) }
    return .present(
        RecordedRow(source: source, key: key, owner: try row.int64IfPresent(5), words: words)
    )
}

extension RecordedChange.Source {
    /// What identifies a row of a table named `t`.
    fileprivate var key: String { self == .statuses ? "t.job_id" : "t.id" }

    /// ``RecordedRow/owner``.
    fileprivate var owner: String {
        switch self {
        case .jobs: "NULL::bigint"
        case .statuses, .events: "t.job_id"
        case .tables: "t.active_revision_id"
        case .revisions: "t.writer"
        case .files: "t.location_id"
        }
    }

    /// ``RecordedRow/words``.
    fileprivate var words: [String] {
        switch self {
        case .jobs, .revisions: []
        case .statuses: ["t.status"]
        case .events: ["t.event_type", "t.detail::text"]
        case .tables: ["t.dataset_namespace", "t.dataset_name", "t.table_name", "t.manifest_hash"]
        case .files:
            [
                "coalesce(t.object_size, 0)::text", "t.metadata #>> '{created_at,secs}'",
                "t.metadata #>> '{ranges,0,numbers,start}'",
                "t.metadata #>> '{ranges,0,numbers,end}'",
                "t.metadata #>> '{ranges,0,hash}'", "t.metadata #>> '{ranges,0,prev_hash}'",
            ]
        }
    }
}
