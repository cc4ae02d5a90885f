import Logging

/// One request and its answer, for the log.
struct AccessRecord: Sendable {
    var requestID: RequestID
    /// Who asked; `nil` if it was not found out.
    var principal: String?
    var method: String
    /// The template of the path; `nil` if it leads nowhere.
    var route: String?
    /// The target as it came; the log takes its path, escapes it and cuts it.
    var target: String
    var status: Int
    /// Bytes of the body sent.
    var byteCount: Int
    var duration: Duration
    var remote: String?
    var failure: HTTPFailure?

    /// `error` where we are at fault, `warning` where a service we need or room is lacking, else
    /// `info`.
    var level: Logger.Level {
        switch self.status {
        case 503, 504: .warning
        case 500...: .error
        default: .info
        }
    }
}
