import Logging
import Synchronization

/// Writes observations to the log, at most one a subject and minute.
final class LogObserver: Sendable {
    private let logger: Logger
    private let throttle = Mutex(LogThrottle(interval: .seconds(60)))

    init(logger: Logger) { self.logger = logger }

    func observe(_ observation: Observation) {
        switch observation {
        case .databaseConnected(let era):
            self.logger.notice(
                "connected to the database",
                metadata: ["schema.era": "\(era.rawValue)"]
            )
        case .connectFailed(let failure):
            self.warn(
                "cannot use the database",
                about: "connect \(failure.message)",
                ["error": "\(failure.message)"]
            )
        case .readFailed(let job, let failure):
            self.warn(
                "cannot read a job",
                about: "read \(failure.cause)",
                ["job.id": "\(job)", "error": "\(failure.cause)"]
            )
        case .fileUndecodable(let table, let file):
            self.warn(
                "a file row cannot be decoded",
                about: "file \(file.id)",
                [
                    "table": "\(table.dataset)/\(table.name)", "location.id": "\(table.revision)",
                    "file.id": "\(file.id)", "error": "\(file.reason)",
                ]
            )
        case .tableFailed(let table, let error):
            self.warn(
                "a table has no progress",
                about: "table \(table.revision)",
                [
                    "table": "\(table.dataset)/\(table.name)", "location.id": "\(table.revision)",
                    "error": "\(error)",
                ]
            )
        }
    }

    private func warn(_ message: Logger.Message, about subject: String, _ metadata: Logger.Metadata)
    {
        guard let suppressed = self.throttle.withLock({ $0.admit(subject, at: .now) }) else {
            return
        }
        var metadata = metadata
        if suppressed > 0 { metadata["suppressed"] = "\(suppressed)" }
        self.logger.warning(message, metadata: metadata)
    }
}
