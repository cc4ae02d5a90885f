/// Mistakes in keeping answers current, each of which the tests must notice.
struct ValidationFaults: OptionSet, Sendable {
    let rawValue: Int

    /// Does not look at the transactions that were in progress.
    static let dropsInProgress = Self(rawValue: 1)
    /// Keeps files that are gone.
    static let ignoresDeletes = Self(rawValue: 2)
    /// Does not read plans again when a job changed.
    static let ignoresJobs = Self(rawValue: 4)
    /// Does not read plans again when tables changed.
    static let ignoresPlans = Self(rawValue: 8)
    /// Lets requests join a round whose look was sent before they came.
    static let joinsRunningRound = Self(rawValue: 16)
    /// Takes files for unchanged if there are as many as before.
    static let comparesCounts = Self(rawValue: 32)
}
