import NIOCore
import NIOHTTP1
import NIOPosix

/// One connection to a gateway, which carries one request at a time, as HTTP/1.1 does.
///
/// Requests and answers never leave the event loop: the next request is written where the last
/// answer ends.
final class GatewayLoad: Sendable {
    private let plan: LoadPlan
    private let origin: HTTPOrigin
    private let token: String?
    private let index: Int
    private let jobs: [Int64]
    private let eventLoop: any EventLoop

    init(
        plan: LoadPlan,
        origin: HTTPOrigin,
        token: String?,
        jobs: [Int64],
        index: Int,
        on eventLoop: any EventLoop
    ) {
        self.plan = plan
        self.origin = origin
        self.token = token
        self.jobs = jobs
        self.index = index
        self.eventLoop = eventLoop
    }

    private func connect(
        _ budget: LoadBudget,
        answeringTo promise: EventLoopPromise<LoadTally>
    ) async throws -> any Channel {
        let requests = self.jobs.map {
            GatewayRequest(
                job: $0,
                terms: ReadingTerms(maxStaleness: self.plan.maxStaleness),
                origin: self.origin,
                token: self.token
            )
        }
        let (index, timeout) = (self.index, TimeAmount(self.plan.timeout))
        return try await ClientBootstrap(group: self.eventLoop)
            .channelOption(.socketOption(.tcp_nodelay), value: 1)
            .connectTimeout(timeout)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHTTPClientHandlers()
                    try channel.pipeline.syncOperations.addHandler(
                        GatewayLoadHandler(
                            requests: requests,
                            startingAt: index,
                            budget: budget,
                            timeout: timeout,
                            promise: promise
                        )
                    )
                }
            }
            .connect(host: self.origin.host, port: self.origin.port)
            .get()
    }
}

extension GatewayLoad: LoadConnection {
    func prepare() async throws(ToolError) {
        let budget = LoadBudget(duration: self.plan.timeout, requestCount: 1)
        let tally = await self.run(budget)
        guard let (error, _) = tally.errors.first else { return }
        let status: CommandStatus =
            switch error {
            case "HTTP 401", "HTTP 403": .notAuthorised
            case "HTTP 404": .notFound
            case "HTTP 400", "HTTP 500": .failure
            default: .unavailable
            }
        throw ToolError(
            status,
            "\(self.origin.text) answers the first request with \(error)",
            remedy: "is a gateway there, and does the token reach the job?"
        )
    }

    func run(_ budget: LoadBudget) async -> LoadTally {
        var tally = LoadTally()
        // A server may close a connection between two requests; the run goes on with another.
        while !budget.isSpent(at: .now) {
            let promise = self.eventLoop.makePromise(of: LoadTally.self)
            do {
                _ = try await self.connect(budget, answeringTo: promise)
            } catch {
                promise.fail(error)
            }
            do {
                tally.merge(try await promise.futureResult.get())
            } catch {
                if budget.takeCall(at: .now) {
                    tally.record(.failed("CONNECT"), after: .zero)
                }
                try? await Task.sleep(for: .milliseconds(10))
            }
        }
        return tally
    }

    func close() async {}
}
