/// What became of the attempts to perform a request, and whether another one may help.
struct AttemptHistory {
    /// How long a request waits, at most, for those who have a table locked.
    static let lockPatience = Duration.seconds(15)

    private let patienceEnd = ContinuousClock.now.advanced(by: Self.lockPatience)
    private var hasFailed = false
    /// The era in which tables were missing last.
    private var detectedEra: SchemaEra?

    /// Whether locks may still be waited for.
    var waitsForLocks: Bool { self.patienceEnd > .now }

    /// Takes a failure in.
    ///
    /// Each way to fail has a second attempt. An upgrade of Amp takes step after step, so that a session
    /// may be of an era that has passed when it is opened: there is one attempt for each era.
    mutating func allowsAnother(after failure: ReadFailure, in era: SchemaEra) -> Bool {
        switch failure.remedy {
        case .giveUp:
            return false
        case .detectAgain:
            defer { self.detectedEra = era }
            return self.detectedEra != era
        case .reconnect, .prepareAgain, .askAgain:
            defer { self.hasFailed = true }
            return !self.hasFailed
        }
    }
}
