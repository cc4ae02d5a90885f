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
        case .readFailed(let subject, let failure):
            self.warn(
                "cannot read the database",
                about: "read \(failure.cause)",
                ["subject": "\(subject)", "error": "\(failure.cause)"]
            )
        case .currencyChanged(let currency, let reason):
            self.logger.notice(
                "answers are kept current by \(currency.rawValue)",
                metadata: ["reason": "\(reason)"]
            )
        case .pruningFailed(let reason):
            self.warn("cannot prune the change log", about: "pruning", ["error": reason])
        case .archiveUnusable(let reason):
            self.warn("going on without an archive", about: "archive \(reason)", ["reason": reason])
        case .archiveRestored(let fileCount):
            self.logger.notice(
                "took back what was held before",
                metadata: ["files": "\(fileCount)"]
            )
        case .cacheFlushed(let reason):
            self.warn(
                "what was held must be proven again",
                about: "flush \(reason)",
                ["reason": reason]
            )
        case .manifestsUnreadable(let reason):
            self.warn("cannot look for manifests", about: "manifests", ["error": reason])
        case .manifestRefused(let name, let reason):
            self.warn(
                "a file is no manifest",
                about: "manifest file \(name)",
                ["file": name, "error": reason]
            )
        case .manifestMissing(let hash):
            self.warn(
                "a manifest is missing; its tables are told as they are in the database",
                about: "manifest \(hash)",
                ["manifest.hash": hash]
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

    private func warn(
        _ message: Logger.Message,
        about subject: String,
        _ values: [String: String]
    ) {
        guard let suppressed = self.throttle.withLock({ $0.admit(subject, at: .now) }) else {
            return
        }
        var metadata = values.mapValues { Logger.MetadataValue.string(withoutControls($0)) }
        if suppressed > 0 { metadata["suppressed"] = "\(suppressed)" }
        self.logger.warning(message, metadata: metadata)
    }
}

/// Replaces control characters, so that a name or an error cannot forge a line of the log.
private func withoutControls(_ text: String) -> String {
    let isControl = { (scalar: Unicode.Scalar) in
        scalar.value < 0x20 || (0x7F...0x9F).contains(scalar.value)
            || (0x2028...0x2029).contains(scalar.value)
    }
    guard text.unicodeScalars.contains(where: isControl) else { return text }
    return text.unicodeScalars.reduce(into: "") { result, scalar in
        result += isControl(scalar) ? "\\u{\(String(scalar.value, radix: 16))}" : "\(scalar)"
    }
}
