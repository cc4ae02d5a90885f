import HTTPTypes
import Hummingbird

/// Hands a request whose sender is known to the route of its endpoint.
struct RouteTable: Sendable {
    private let jobProgress: JobProgressRoute
    private let jobProgressBatch: JobProgressBatchRoute
    private let jobs: JobListRoute
    private let job: JobRoute
    private let jobEvents: JobEventListRoute
    private let jobEvent: JobEventRoute
    private let datasetJobs: DatasetJobsRoute

    init(client: ScopedProgressClient) {
        self.jobProgress = JobProgressRoute(client: client)
        self.jobProgressBatch = JobProgressBatchRoute(client: client)
        self.jobs = JobListRoute(client: client)
        self.job = JobRoute(client: client)
        self.jobEvents = JobEventListRoute(client: client)
        self.jobEvent = JobEventRoute(client: client)
        self.datasetJobs = DatasetJobsRoute(client: client)
    }

    /// The answer of an endpoint that is public, which needs neither a caller nor the server.
    static func answer(public endpoint: Endpoint, fields: HTTPFields) -> Response {
        switch endpoint {
        case .openAPI: OpenAPIRoute.answer(fields)
        case .page, .jobPage: PageRoute.html.answer(fields)
        case .pageStyle: PageRoute.style.answer(fields)
        case .pageScript: PageRoute.script.answer(fields)
        default: Response(status: .ok, headers: [.cacheControl: "no-store"])
        }
    }

    /// - Throws: ``HTTPFailure``
    func answer(
        _ match: Endpoint.Match,
        fields: HTTPFields,
        caller: Caller,
        peerWatch: PeerWatch
    ) async throws(HTTPFailure) -> Response {
        switch match.endpoint {
        case .health, .openAPI, .page, .jobPage, .pageStyle, .pageScript:
            Self.answer(public: match.endpoint, fields: fields)
        case .jobProgress:
            try await self.jobProgress.answer(
                match,
                fields: fields,
                caller: caller,
                peerWatch: peerWatch
            )
        case .jobProgressBatch:
            try await self.jobProgressBatch.answer(match.query, fields: fields, caller: caller)
        case .jobs: try await self.jobs.answer(match.query, caller: caller)
        case .job: try await self.job.answer(match, caller: caller)
        case .jobEvents: try await self.jobEvents.answer(match, caller: caller)
        case .jobEvent: try await self.jobEvent.answer(match, caller: caller)
        case .datasetJobs: try await self.datasetJobs.answer(match, caller: caller)
        case .whoami: WhoAmIRoute.answer(caller.principal)
        }
    }
}
