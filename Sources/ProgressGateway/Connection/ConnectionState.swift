/// What one HTTP connection does next: which requests pass, when a refusal is due, and when it is
/// over.
///
///     open ──refused, none in flight──▶ closing
///      │ └──refused, some in flight──▶ refusing ──last answer ends──▶ closing
///      └──answer to the last request ends────────────────────────────▶ closing
enum ConnectionState: Equatable {
    /// Requests pass; `isLast` once none may follow those in flight.
    case open(inFlight: Int, isLast: Bool)
    /// Nothing passes; `refusal` is due when the requests in flight are answered.
    case refusing(inFlight: Int, HTTPFailure)
    /// The last answer is out; nothing more is read or written.
    case closing

    static let initial = Self.open(inFlight: 0, isLast: false)

    enum HeadAction: Equatable {
        case forward
        case refuse(HTTPFailure)
        case ignore
    }

    /// A request head arrived, fit to be answered; `isLast` if none can follow it.
    mutating func headReceived(isLast: Bool) -> HeadAction {
        guard case .open(let inFlight, isLast: false) = self else { return .ignore }
        self = .open(inFlight: inFlight + 1, isLast: isLast)
        return .forward
    }

    /// Something arrived, or failed to arrive, that ends the connection with this answer.
    mutating func requestRefused(_ refusal: HTTPFailure) -> HeadAction {
        guard case .open(let inFlight, isLast: false) = self else { return .ignore }
        guard inFlight == 0 else {
            self = .refusing(inFlight: inFlight, refusal)
            return .ignore
        }
        self = .closing
        return .refuse(refusal)
    }

    /// Whether the answer about to begin is the last one, and says so.
    var isAnswerLast: Bool {
        if case .open(inFlight: 1, isLast: true) = self { true } else { false }
    }

    enum AnswerEndedAction: Equatable {
        case proceed
        case refuse(HTTPFailure)
        case close
    }

    /// The answer to the oldest request in flight is complete.
    mutating func answerEnded() -> AnswerEndedAction {
        switch self {
        case .open(inFlight: 1, isLast: true):
            self = .closing
            return .close
        case .open(let inFlight, let isLast):
            self = .open(inFlight: inFlight - 1, isLast: isLast)
            return .proceed
        case .refusing(inFlight: 1, let refusal):
            self = .closing
            return .refuse(refusal)
        case .refusing(let inFlight, let refusal):
            self = .refusing(inFlight: inFlight - 1, refusal)
            return .proceed
        case .closing:
            return .proceed
        }
    }

    /// The process is stopping: the requests in flight are the last.
    mutating func drainStarted() {
        if case .open(let inFlight, _) = self, inFlight > 0 {
            self = .open(inFlight: inFlight, isLast: true)
        }
    }
}
