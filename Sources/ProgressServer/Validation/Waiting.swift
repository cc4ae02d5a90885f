import ProgressRPC

/// A request on its way through the rounds.
struct Waiting: Sendable {
    let request: ProgressRequest
    /// What was missing when it was last looked at.
    var lack = Lack()
    /// How often other sessions were sent to read each revision for it.
    var loads: [RevisionID: Int] = [:]
    /// The revisions that they could not read.
    var failures: [RevisionID: StoreError] = [:]
    /// How often a session that could not answer it gave way to another, which knows the tables anew.
    var detectionCount = 0
    /// Whether its caller had the answer when it was last looked at, past the cache.
    var isUnchanged = false
    /// When to look at it again; `nil`: in the next round.
    var notBefore: ContinuousClock.Instant?

    /// Most times that other sessions are sent for one revision; then the request is answered past the
    /// cache, which must be dropping things faster than they are used.
    static let loadLimit = 3
    /// Most sessions that give way for it, as an upgrade of Amp may take step after step; then it has a
    /// fault of its own.
    static let detectionLimit = SchemaEra.allCases.count
    /// Most revisions that other sessions read for one request at a time, so that those for others have
    /// their turn.
    static let loadsAtOnce = 8

    init(_ request: ProgressRequest) { self.request = request }

    /// Why one of the revisions that must be read cannot be, in words for this caller; `nil`: none failed.
    func failure(among loads: [RevisionID: JobTable]) -> RPCError? {
        guard !self.failures.isEmpty,
            let id = loads.keys.filter({ self.failures[$0] != nil }).min(),
            var error = self.failures[id], let table = loads[id]
        else { return nil }
        // The revision may be known by another name to who caused it to be read.
        if case .filesUnreadable = error.kind { error.kind = .filesUnreadable(table) }
        return RPCError(error)
    }

    func isDue(at now: ContinuousClock.Instant) -> Bool { self.notBefore.map { $0 <= now } ?? true }
}
