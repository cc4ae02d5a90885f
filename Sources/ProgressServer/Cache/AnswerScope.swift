import ProgressRPC
import SwiftProtobuf

/// For whom an answer is: callers of one scope get the same bytes.
enum AnswerScope: Hashable, Sendable {
    /// Everything, failure details in full: a trusted caller.
    case everything
    case limited(PBScope)

    init(_ scope: PBScope) {
        self = scope.all && scope.details && scope.datasets.isEmpty ? .everything : .limited(scope)
    }

    var message: PBScope {
        switch self {
        case .everything:
            PBScope.with {
                $0.all = true
                $0.details = true
            }
        case .limited(let scope): scope
        }
    }
}
