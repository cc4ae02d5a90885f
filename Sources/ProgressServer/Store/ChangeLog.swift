/// What the change log tells of one committed transaction's statement.
///
/// `Tracking/` writes the log; a kind that this version does not know counts as ``everything``.
enum LogChange: Equatable, Sendable {
    /// Rows of a revision's files came, went or changed.
    case files(RevisionID, [Int64])
    /// So many rows of a revision's files that they are not listed.
    case allFiles(RevisionID)
    /// What a job is or writes may have changed.
    case job(Int64)
    /// Which tables count may have changed, for every job.
    case plans
    /// Anything may have changed.
    case everything

    init(kind: UInt8, key: Int64, ids: [Int64]?) {
        switch kind {
        case UInt8(ascii: "F"):
            let revision = RevisionID(rawValue: key)
            self = ids.map { .files(revision, $0) } ?? .allFiles(revision)
        case UInt8(ascii: "J"): self = .job(key)
        case UInt8(ascii: "T"): self = .plans
        default: self = .everything
        }
    }
}

/// The transactions whose log rows were taken in already, as far as a repeated look can show them.
///
/// A snapshot of a standby does not tell what was in progress, so there the log is read again from
/// its lowest transaction on; a transaction's rows become visible all at once.
struct TakenTransactions: Equatable, Sendable {
    private var numbers: Set<UInt64> = []

    func contains(_ number: UInt64) -> Bool { self.numbers.contains(number) }

    /// The look is over: forgets what is below what a next look can show.
    mutating func take(_ seen: Set<UInt64>, until snapshot: Snapshot) {
        if self.numbers.isEmpty, seen.isEmpty { return }
        self.numbers.formUnion(seen)
        self.numbers = self.numbers.filter { $0 >= snapshot.xmin }
    }
}
