/// One thing that a token allows, as written in a token file or on a command line.
package enum Scope: Hashable, Sendable {
    /// `jobs:read`: every dataset, and jobs whose dataset cannot be determined.
    case jobs
    /// `datasets:<namespace>/<name>:read`: jobs and tables of the datasets that match.
    case datasets(DatasetPattern)
    /// `details:read`: failure details in full, stack traces included.
    case details
    /// `metrics:read`: the figures of the gateway.
    case metrics
    /// `admin:read`: everything that can be read.
    case admin
}

extension Scope: CustomStringConvertible {
    /// - Throws: ``ScopeError`` if `text` is none of the words above, exactly.
    package init(parsing text: String) throws(ScopeError) {
        switch text {
        case "jobs:read": self = .jobs
        case "details:read": self = .details
        case "metrics:read": self = .metrics
        case "admin:read": self = .admin
        default:
            guard text.utf8.starts(with: "datasets:".utf8), text.hasSuffix(":read"),
                let pattern = DatasetPattern(
                    parsing: text.dropFirst("datasets:".count).dropLast(":read".count)
                )
            else { throw ScopeError(text: text) }
            self = .datasets(pattern)
        }
    }

    package var description: String {
        switch self {
        case .jobs: "jobs:read"
        case .datasets(let pattern): "datasets:\(pattern):read"
        case .details: "details:read"
        case .metrics: "metrics:read"
        case .admin: "admin:read"
        }
    }
}

/// A text that is no scope.
package struct ScopeError: Error, Equatable, Sendable, CustomStringConvertible {
    /// What was found.
    package let text: String

    package var description: String {
        """
        '\(self.text)' is not a scope; allowed are jobs:read, datasets:<namespace>/<name>:read \
        with '*' for a whole part, details:read, metrics:read and admin:read
        """
    }
}
