/// What a caller may see: the union of some scopes.
package struct Grants: Equatable, Sendable {
    /// Most patterns that one caller may have; the server takes no more (`protocol/progress.proto`,
    /// Scope).
    package static let patternLimit = 256

    /// Most bytes of the scopes of one caller as written, so that they fit into the meta of a call.
    package static let scopeByteLimit = 12 << 10

    /// Every dataset, and jobs whose dataset cannot be determined.
    package private(set) var coversEverything = false
    /// The datasets covered, in the order given and without repetition.
    package private(set) var patterns: [DatasetPattern] = []
    /// Failure details in full.
    package private(set) var coversDetails = false
    /// The figures of the gateway.
    package private(set) var coversMetrics = false

    package init(_ scopes: some Sequence<Scope>) {
        for scope in scopes {
            switch scope {
            case .jobs:
                self.coversEverything = true
            case .datasets(let pattern):
                if !self.patterns.contains(pattern) { self.patterns.append(pattern) }
            case .details:
                self.coversDetails = true
            case .metrics:
                self.coversMetrics = true
            case .admin:
                self.coversEverything = true
                self.coversDetails = true
                self.coversMetrics = true
            }
        }
    }

    /// Says what is wrong with the scopes of one caller, by number or size; `nil` if nothing is.
    package static func objection(to scopes: [Scope]) -> String? {
        guard 1...self.patternLimit ~= scopes.count else {
            return "has \(scopes.count) scopes; it must have 1 to \(self.patternLimit)"
        }
        let byteCount = scopes.reduce(0) { $0 + $1.description.utf8.count }
        guard byteCount <= self.scopeByteLimit else {
            return "has scopes of \(byteCount) bytes; the limit is \(self.scopeByteLimit)"
        }
        return nil
    }

    /// Whether no job at all can be seen.
    package var coversNoJob: Bool { !self.coversEverything && self.patterns.isEmpty }

    /// Whether a table or job of the dataset `namespace/name` may be seen.
    package func cover(namespace: String, name: String) -> Bool {
        self.coversEverything
            || self.patterns.contains { $0.matches(namespace: namespace, name: name) }
    }
}
