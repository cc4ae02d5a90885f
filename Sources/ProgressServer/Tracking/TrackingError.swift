/// Why a tracking command did not do what it was asked for, for the operator.
struct TrackingError: Error, Equatable, Sendable, CustomStringConvertible {
    let description: String

    init(_ description: String) { self.description = description }
}
