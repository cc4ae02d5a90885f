/// The five characters by which PostgreSQL names an error.
///
/// An open set: a code unknown here still compares and prints.
package struct SQLState: RawRepresentable, Hashable, Sendable {
    package var rawValue: String

    package init(rawValue: String) { self.rawValue = rawValue }

    /// The first two characters, such as `08` for a failed connection.
    package var category: Substring { self.rawValue.prefix(2) }

    package static let featureNotSupported = Self(rawValue: "0A000")
    package static let invalidCatalogName = Self(rawValue: "3D000")
    package static let invalidStatementName = Self(rawValue: "26000")
    package static let duplicateStatementName = Self(rawValue: "42P05")
    package static let undefinedTable = Self(rawValue: "42P01")
    package static let undefinedColumn = Self(rawValue: "42703")
    package static let lockNotAvailable = Self(rawValue: "55P03")
    package static let serializationFailure = Self(rawValue: "40001")
    package static let deadlockDetected = Self(rawValue: "40P01")
    package static let queryCanceled = Self(rawValue: "57014")
    package static let adminShutdown = Self(rawValue: "57P01")
    package static let crashShutdown = Self(rawValue: "57P02")
    package static let cannotConnectNow = Self(rawValue: "57P03")
}

extension SQLState {
    /// Whether the session is gone, or about to go, and another one may serve.
    package var meansLostConnection: Bool {
        switch self {
        case .adminShutdown, .crashShutdown, .cannotConnectNow: true
        default: self.category == "08"
        }
    }

    /// Whether the statement was fine and may succeed when it is asked again: somebody cancelled it, or
    /// a standby needed to replay what it was in the way of.
    package var meansInterruptedStatement: Bool {
        self == .queryCanceled || self == .serializationFailure || self == .deadlockDetected
    }

    /// Whether the server forgot a prepared statement or refuses its old plan.
    package var meansStaleStatement: Bool {
        self == .invalidStatementName || self == .featureNotSupported
            || self == .duplicateStatementName
    }
}
