/// All that `doctor` found, in the order in which it looked.
struct Diagnosis: Equatable, Sendable {
    var findings: [Finding] = []
    /// Whether anybody answered, be it with a refusal.
    var isAnswered = false

    /// The exit status that the findings come to.
    var status: CommandStatus {
        guard self.isAnswered else { return .unavailable }
        return self.findings.contains { $0.level == .fail } ? .failure : .success
    }

    mutating func add(_ findings: Finding?...) {
        self.findings += findings.compactMap(\.self)
    }
}
