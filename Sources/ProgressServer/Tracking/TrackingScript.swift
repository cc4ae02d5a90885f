/// The SQL that makes what a catalog shows into what it should be: nothing where nothing differs.
struct TrackingScript: Equatable, Sendable {
    /// Creates schema, tables and functions; locks nothing of Amp's.
    var preparation: String
    /// Creates or mends the triggers.
    var attachment: String
    /// The lock that ``attachment`` needs on Amp's tables; `nil` if none.
    var lock: TableLockMode?

    /// What installs, or mends, in a database that the catalog is of.
    init(installingInto catalog: TrackingCatalog) {
        var preparation: [String] = []
        if TrackingDefinition.tableSignatures.keys.contains(where: { catalog.tables[$0] == nil })
            || TrackingDefinition.indexSignatures.keys.contains(where: {
                catalog.indexes[$0] == nil
            })
        {
            preparation.append(TrackingDefinition.tableCreation)
        }
        for function in TrackingFunction.all
        where catalog.functions[function.name] != function.signature {
            preparation.append(function.creation)
        }
        var attachment: [String] = []
        for trigger in TrackingDefinition.triggers {
            switch catalog.triggers[trigger.key] {
            case nil:
                attachment.append(trigger.creation)
            case trigger.signature:
                break
            case let found? where found.dropFirst() == trigger.signature.dropFirst():
                attachment.append(trigger.activation)
            case _?:
                attachment += [trigger.removal, trigger.creation]
                self.lock = .accessExclusive
            }
        }
        if self.lock == nil, !attachment.isEmpty { self.lock = .shareRowExclusive }
        self.preparation = preparation.joined(separator: "\n")
        self.attachment = attachment.joined(separator: "\n")
    }
}

/// How strongly a table is locked.
enum TableLockMode: String, Sendable {
    /// Keeps writers out; creates a trigger.
    case shareRowExclusive = "SHARE ROW EXCLUSIVE"
    /// Keeps readers out too; drops a trigger.
    case accessExclusive = "ACCESS EXCLUSIVE"
}
