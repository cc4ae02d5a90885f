/// A request on its way through the rounds.
struct Waiting: Sendable {
    let request: ProgressRequest
    /// What was missing when it was last looked at.
    var lack = Lack()
    /// How often other sessions were sent to read for it.
    var loadCount = 0
    /// When to look at it again; `nil`: in the next round.
    var notBefore: ContinuousClock.Instant?

    /// Most times that other sessions are sent; then it is read past the cache, which must be dropping
    /// things faster than they are used.
    static let loadLimit = 3

    init(_ request: ProgressRequest) { self.request = request }

    func isDue(at now: ContinuousClock.Instant) -> Bool { self.notBefore.map { $0 <= now } ?? true }
}
