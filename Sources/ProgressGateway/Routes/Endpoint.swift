/// What the gateway answers, one case for each path.
///
/// Where two templates fit a path, the first of these counts: those that are asked most come first,
/// and `/jobs/progress` before the job of that name.
enum Endpoint: CaseIterable, Sendable {
    /// Whether the process is alive.
    case health
    /// The progress of one job.
    case jobProgress
    /// The progress of several jobs.
    case jobProgressBatch
    /// The jobs, a page at a time.
    case jobs
    /// What one job is.
    case job
    /// What happened to a job.
    case jobEvents
    /// One of these events, with its detail.
    case jobEvent
    /// The jobs of one revision of a dataset.
    case datasetJobs
    /// Who the caller is.
    case whoami
    /// What this API is, as an OpenAPI document.
    case openAPI
    /// The page for people.
    case page
    /// The page, opened at one job.
    case jobPage
    /// How the page looks.
    case pageStyle
    /// What the page does.
    case pageScript

    /// The path as the OpenAPI document writes it.
    var template: String {
        switch self {
        case .health: "/healthz"
        case .jobProgress: "/jobs/{id}/progress"
        case .jobProgressBatch: "/jobs/progress"
        case .jobs: "/jobs"
        case .job: "/jobs/{id}"
        case .jobEvents: "/jobs/{id}/events"
        case .jobEvent: "/jobs/{id}/events/{event_id}"
        case .datasetJobs: "/datasets/{namespace}/{name}/versions/{rev}/jobs"
        case .whoami: "/whoami"
        case .openAPI: "/openapi.json"
        case .page: "/"
        case .jobPage: "/ui/jobs/{id}"
        case .pageStyle: "/ui/page.css"
        case .pageScript: "/ui/page.js"
        }
    }

    /// Whether anyone may ask.
    var isPublic: Bool {
        switch self {
        case .health, .openAPI, .page, .jobPage, .pageStyle, .pageScript: true
        default: false
        }
    }
}

extension Endpoint {
    /// An endpoint, the segments that stand for its parameters, in the order of the template and not
    /// yet decoded, and the query.
    struct Match: Equatable, Sendable {
        var endpoint: Endpoint
        var parameters: [[UInt8]] = []
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
                match.parameters.append(Array(segment))
            } else if !segment.elementsEqual(expected) {
                return nil
            }
        }
        return match
    }
}
