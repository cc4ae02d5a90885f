/// The jobs that doctor looks at: those that are active, then the newest of all.
struct JobSample: Equatable, Sendable {
    /// Most jobs.
    static let limit = 1_000

    /// Each once.
    var ids: [Int64]
    /// Whether there are others.
    var hasMore: Bool

    /// - Parameters:
    ///   - active: The newest jobs that are active, at most ``limit``, and whether there are more.
    ///   - newest: The same of all jobs.
    init(active: (ids: [Int64], hasMore: Bool), newest: (ids: [Int64], hasMore: Bool)) {
        let known = Set(active.ids)
        let ids = active.ids + newest.ids.filter { !known.contains($0) }
        self.ids = Array(ids.prefix(Self.limit))
        self.hasMore = active.hasMore || newest.hasMore || ids.count > Self.limit
    }

    /// How many, and which.
    var text: String {
        "jobs looked at: \(self.ids.count)"
            + (self.hasMore ? ", the active and the newest; not all" : "")
    }
}
