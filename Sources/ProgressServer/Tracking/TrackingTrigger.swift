/// A statement-level trigger on one of Amp's tables, which fires for every session, that of a replica
/// included.
struct TrackingTrigger: Hashable, Sendable {
    /// What it fires after; the value is the bit in `pg_trigger.tgtype`.
    enum Event: Int, CaseIterable, Sendable {
        case insert = 4
        case delete = 8
        case update = 16
        case truncate = 32
    }

    let table: TrackedTable
    let event: Event

    var name: String { "progress_\(self.event)" }

    /// Where it is, such as `jobs.progress_insert`.
    var key: String { "\(self.table.name).\(self.name)" }

    var function: TrackingFunction {
        self.event == .truncate ? .everything : self.table.function
    }

    /// How ``TrackingStatements/catalog`` shows it when it is as it should be.
    var signature: String {
        let tables = [self.oldTable, self.newTable].map { $0 ?? "-" }.joined(separator: " ")
        return "A \(self.event.rawValue) \(self.function.qualifiedName) \(tables)"
    }

    /// Creates it, where none of its name is.
    var creation: String {
        let old = self.oldTable.map { " OLD TABLE AS \($0)" }
        let new = self.newTable.map { " NEW TABLE AS \($0)" }
        let tables = [old, new].compactMap(\.self).joined()
        return """
            CREATE TRIGGER \(self.name) AFTER \("\(self.event)".uppercased())
                ON public.\(self.table.name)\(tables.isEmpty ? "" : " REFERENCING" + tables)
                FOR EACH STATEMENT EXECUTE FUNCTION \(self.function.qualifiedName)();
            \(self.activation)
            """
    }

    /// Makes it fire always.
    var activation: String {
        "ALTER TABLE public.\(self.table.name) ENABLE ALWAYS TRIGGER \(self.name);"
    }

    var removal: String { "DROP TRIGGER \(self.name) ON public.\(self.table.name);" }

    /// The name by which the function knows the rows as they were.
    private var oldTable: String? {
        switch self.event {
        case .delete: "changed"
        case .update: "before"
        case .insert, .truncate: nil
        }
    }

    /// The name by which the function knows the rows as they are.
    private var newTable: String? {
        switch self.event {
        case .insert: "changed"
        case .update: "after"
        case .delete, .truncate: nil
        }
    }
}
