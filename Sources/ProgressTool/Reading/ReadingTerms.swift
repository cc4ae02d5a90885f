/// How fresh what is read must be.
struct ReadingTerms: Sendable {
    /// Largest age that may be put up with, and longest wait: what the gateway takes.
    static let stalenessRange = Duration.zero...Duration.seconds(3_600)
    static let waitRange = Duration.seconds(1)...Duration.seconds(60)

    /// How much older than the question the answer may be; 0: current.
    var maxStaleness = Duration.zero
    /// How long to wait for another answer than the first; `nil`: not at all.
    var wait: Duration?

    /// The query of a request, with its `?`; empty if there is nothing to say.
    var stalenessQuery: String {
        self.maxStaleness > .zero ? "?max_staleness=\(Self.seconds(self.maxStaleness))" : ""
    }

    /// Seconds with three decimals; a part of a millisecond is left out.
    static func seconds(_ span: Duration) -> String {
        let (seconds, attoseconds) = span.components
        let thousandths = attoseconds / 1_000_000_000_000_000
        let digits = String(thousandths)
        return "\(seconds).\(String(repeating: "0", count: 3 - digits.count))\(digits)"
    }
}
