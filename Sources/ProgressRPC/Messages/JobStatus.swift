/// The words that Amp has for the state of a job, as `protocol/registry.md` lists them.
public enum JobStatus: String, CaseIterable, Sendable {
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

    /// Those of jobs that may still do something.
    public static let active: [Self] = [.scheduled, .running, .stopRequested, .stopping]

    /// Those that a list may be asked for.
    public static let listed = Self.allCases.filter { $0 != .unknown }

    /// Reads a stored word, in any letter case.
    package init(stored: String) {
        self = Self(rawValue: stored.uppercased()) ?? .unknown
    }

    /// Reads a word that a list is asked for; `nil` if it is none.
    package init?(listed word: String) {
        guard let status = Self.listed.first(where: { $0.rawValue.utf8.elementsEqual(word.utf8) })
        else { return nil }
        self = status
    }

    /// Whether a reason for it may be stored.
    package var isFailure: Bool { self == .error || self == .fatal }
}
