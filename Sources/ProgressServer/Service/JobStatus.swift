/// The words that Amp has for the state of a job.
enum JobStatus: String, CaseIterable, Sendable {
    case scheduled = "SCHEDULED"
    case running = "RUNNING"
    case stopRequested = "STOP_REQUESTED"
    case stopping = "STOPPING"
    case stopped = "STOPPED"
    case completed = "COMPLETED"
    case error = "ERROR"
    case fatal = "FATAL"
    /// Of releases before 2026-03: what ERROR and FATAL are now.
    case failed = "FAILED"
    case failedRecoverable = "FAILED_RECOVERABLE"
    case failedFatal = "FAILED_FATAL"
    /// A word that this version does not know.
    case unknown = "UNKNOWN"

    /// Reads a stored word, in any letter case.
    init(stored: String) {
        self = Self(rawValue: stored.uppercased()) ?? .unknown
    }

    /// The words that a list may be asked for.
    static let listed = Self.allCases.filter { $0 != .unknown }.map(\.rawValue)

    static func isListed(_ word: String) -> Bool { Self.listed.contains(word) }

    /// Whether a reason for it may be stored.
    var isFailure: Bool { self == .error || self == .fatal }
}
