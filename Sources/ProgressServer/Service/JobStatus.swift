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
    /// A word that this version does not know.
    case unknown = "UNKNOWN"

    /// Reads a stored word, in any letter case.
    init(stored: String) {
        self = Self(rawValue: stored.uppercased()) ?? .unknown
    }

    /// Whether a reason for it may be stored.
    var isFailure: Bool { self == .error || self == .fatal }
}
