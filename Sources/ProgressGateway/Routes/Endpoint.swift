/// What the gateway answers, one case for each path.
enum Endpoint: CaseIterable, Sendable {
    /// Whether the process is alive.
    case health
    /// The progress of one job.
    case jobProgress
    /// The progress of several jobs.
    case jobProgressBatch

    /// The path as the OpenAPI document writes it.
    var template: String {
        switch self {
        case .health: "/healthz"
        case .jobProgress: "/jobs/{id}/progress"
        case .jobProgressBatch: "/jobs/progress"
        }
    }

    /// Whether anyone may ask.
    var isPublic: Bool {
        switch self {
        case .health: true
        case .jobProgress, .jobProgressBatch: false
        }
    }
}

extension Endpoint {
    /// An endpoint, the segment that stands for its parameter, not yet decoded, and the query.
    struct Match: Equatable, Sendable {
        var endpoint: Endpoint
        var parameter: [UInt8] = []
        var query = RequestQuery()

        /// Whether the request may stay long, with nothing to do.
        var mayWait: Bool { self.endpoint == .jobProgress && self.query.asksToWait }
    }

    /// Finds what `target` leads to.
    ///
    /// Segments are compared byte by byte: an empty one, a trailing slash or an encoded letter
    /// makes another path.
    static func match(target: String) -> Match? {
        let path = target.utf8.prefix { $0 != UInt8(ascii: "?") }
        let segments = path.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
        guard var match = Self.allCases.lazy.compactMap({ $0.match(segments) }).first else {
            return nil
        }
        match.query = RequestQuery(target.utf8.dropFirst(path.count + 1))
        return match
    }

    private func match(_ segments: [Substring.UTF8View]) -> Match? {
        let expected = self.template.utf8.split(
            separator: UInt8(ascii: "/"),
            omittingEmptySubsequences: false
        )
        guard segments.count == expected.count else { return nil }
        var match = Match(endpoint: self)
        for (segment, expected) in zip(segments, expected) {
            if expected.first == UInt8(ascii: "{") {
                guard !segment.isEmpty else { return nil }
                match.parameter = Array(segment)
            } else if !segment.elementsEqual(expected) {
                return nil
            }
        }
        return match
    }
}
