/// Which jobs a list has, by their status.
enum JobStatusFilter: Equatable, Sendable {
    /// Those whose work is not over.
    case active
    case all
    /// Those of these statuses, in upper case and each once.
    case among([String])

    /// The statuses of `protocol/registry.md` of jobs whose work is not over.
    static let activeStatuses = ["SCHEDULED", "RUNNING", "STOP_REQUESTED", "STOPPING"]
    /// All statuses of the registry; the last three are of older releases of Amp.
    static let knownStatuses =
        Self.activeStatuses + [
            "STOPPED", "COMPLETED", "ERROR", "FATAL", "FAILED", "FAILED_RECOVERABLE",
            "FAILED_FATAL",
        ]

    /// Reads `active`, `all`, or statuses with commas between them, in any letter case.
    ///
    /// - Throws: ``ArgumentProblem`` that lists the statuses.
    init(parsing text: String) throws(ArgumentProblem) {
        var statuses: [String] = []
        for part in text.split(separator: ",", omittingEmptySubsequences: false) {
            let words = part.split(separator: " ", omittingEmptySubsequences: true)
            let status = words.joined(separator: " ").uppercased()
            if !statuses.contains(status) { statuses.append(status) }
        }
        switch statuses {
        case ["ACTIVE"]: self = .active
        case ["ALL"]: self = .all
        default:
            guard statuses.allSatisfy(Self.knownStatuses.contains) else {
                throw ArgumentProblem(
                    description: "it must be 'active', 'all', or some of "
                        + Self.knownStatuses.joined(separator: ",")
                )
            }
            self = .among(statuses)
        }
    }

    /// The value of `status` in a request to a gateway.
    var word: String {
        switch self {
        case .active: "active"
        case .all: "all"
        case .among(let statuses): statuses.joined(separator: ",")
        }
    }

    /// What a server is asked for; empty: all.
    var statuses: [String] {
        switch self {
        case .active: Self.activeStatuses
        case .all: []
        case .among(let statuses): statuses
        }
    }
}
