import ProgressChain

/// What the database says of a job, before any file is read.
struct JobPlan: Equatable, Sendable {
    var id: JobID
    /// As stored, in any letter case, known or not.
    var status: String
    /// The dataset that the job was scheduled for; `nil` if no event tells.
    var dataset: DatasetName?
    /// Why the job failed, as JSON text; `nil` unless it did and a reason is stored.
    var detail: String?
    /// Every table whose active revision the job writes, in no order, whoever may see it.
    var tables: [JobTable]
    /// Where the job is to end, as it was scheduled: a number, or words such as "latest"; `nil`: nowhere.
    var endBlock: String?
    /// When the job came into its status, in microseconds since 1970.
    var statusSince: Int64?
}

/// One table that a job writes.
struct JobTable: Hashable, Sendable {
    var name: String
    var dataset: DatasetName
    var manifestHash: String
    var revision: RevisionID
    /// The first block of the dataset, of which the table must have all from there on to have any data;
    /// `nil`: it may begin anywhere, or that is not known.
    var startBlock: UInt64?
}

extension JobTable {
    /// An order in which equal sets of tables are equal lists.
    static func isBefore(_ lhs: Self, _ rhs: Self) -> Bool {
        if lhs.name != rhs.name { return lhs.name.utf8.lexicographicallyPrecedes(rhs.name.utf8) }
        if lhs.revision != rhs.revision { return lhs.revision < rhs.revision }
        if lhs.dataset != rhs.dataset { return lhs.dataset < rhs.dataset }
        return lhs.manifestHash.utf8.lexicographicallyPrecedes(rhs.manifestHash.utf8)
    }

    /// The table's numbers, from those of its files.
    func summary(of files: TableSummary) -> TableSummary {
        guard let startBlock = self.startBlock, let range = files.syncedRange else { return files }
        return UInt64(range.startBlock) > startBlock ? .empty : files
    }
}

/// The number of a revision of a table: `physical_table_revisions.id`.
struct RevisionID: Hashable, Comparable, Sendable, CustomStringConvertible {
    var rawValue: Int64

    var description: String { "\(self.rawValue)" }

    static func < (lhs: Self, rhs: Self) -> Bool { lhs.rawValue < rhs.rawValue }
}
