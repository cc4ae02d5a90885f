/// What is held of one job.
struct CachedJob {
    /// `nil`: there is no such job.
    var plan: JobPlan?
    /// The moment at which the plan was last known to stand; 0: it is known to be out of date.
    var planStamp: UInt64 = 0
    /// By scope, at most ``ProgressCache/scopeLimit``.
    var answers: [AnswerScope: HeldAnswer] = [:]
    var lastUse: UInt64 = 0
    /// ``byteCount`` when last counted.
    var countedByteCount = 0

    /// Bytes in memory, about.
    var byteCount: Int {
        let tables = self.plan?.tables ?? []
        let plan = tables.reduce(self.plan?.detail?.utf8.count ?? 0) { sum, table in
            sum + 160 + table.name.utf8.count + table.manifestHash.utf8.count
        }
        return self.answers.values.reduce(256 + plan) { $0 + $1.byteCount }
    }
}
