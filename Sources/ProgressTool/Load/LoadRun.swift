import FoundationEssentials
import NIOCore
import NIOPosix

/// Carries out a plan.
struct LoadRun: Sendable {
    let plan: LoadPlan
    /// Ends the run early.
    let budget: LoadBudget
    private let group: MultiThreadedEventLoopGroup
    private let threadCount: Int

    /// - Parameter budget: Of the run; whoever exhausts it ends the run.
    init(plan: LoadPlan, budget: LoadBudget) {
        self.plan = plan
        self.budget = budget
        self.threadCount = max(
            1,
            min(plan.connectionCount, ProcessInfo.processInfo.activeProcessorCount)
        )
        self.group = MultiThreadedEventLoopGroup(numberOfThreads: self.threadCount)
    }

    /// Connects all, calls until the budget is used up, and closes.
    ///
    /// - Throws: ``ToolError`` if a connection has no first answer.
    func report() async throws -> LoadReport {
        let result: Result<LoadReport, any Error>
        var connections: [any LoadConnection] = []
        do {
            connections = try self.connections()
            result = .success(try await self.measure(connections))
        } catch {
            result = .failure(error)
        }
        for connection in connections { await connection.close() }
        try await self.group.shutdownGracefully()
        return try result.get()
    }

    private func measure(_ connections: [any LoadConnection]) async throws -> LoadReport {
        try await withThrowingDiscardingTaskGroup { group in
            for connection in connections {
                group.addTask { try await connection.prepare() }
            }
        }
        let startedAt = Date.now.formatted(.iso8601)
        let (cpuStart, start) = (processorTime(), ContinuousClock.now)
        self.budget.start(at: start)
        let tally = await withTaskGroup(of: LoadTally.self) { group in
            for connection in connections {
                group.addTask { await connection.run(self.budget) }
            }
            return await group.reduce(into: LoadTally()) { $0.merge($1) }
        }
        let (elapsed, cpuTime) = (ContinuousClock.now - start, processorTime() - cpuStart)
        return LoadReport(
            startedAt: startedAt,
            machine: .current(),
            configuration: self.configuration,
            elapsed: elapsed,
            tally: tally,
            cpuTime: cpuTime
        )
    }

    private func connections() throws(ToolError) -> [any LoadConnection] {
        switch self.plan.target {
        case .server(let socket):
            return (0..<self.plan.connectionCount).map { index in
                ServerLoad(
                    plan: self.plan,
                    socket: socket,
                    index: index,
                    on: self.group.next()
                )
            }
        case .gateway(let gateway):
            let origin = try HTTPOrigin(gateway.baseURL)
            guard case .progress(let jobs) = self.plan.work else {
                throw ToolError(.usage, "a gateway answers only about the progress of jobs")
            }
            return (0..<self.plan.connectionCount).map { index in
                GatewayLoad(
                    plan: self.plan,
                    origin: origin,
                    token: gateway.token,
                    jobs: jobs,
                    index: index,
                    on: self.group.next()
                )
            }
        }
    }

    private var configuration: LoadReport.Configuration {
        var (method, jobs, echoBytes): (String, [Int64], Int?) = ("health", [], nil)
        switch self.plan.work {
        case .echo(let byteCount): (method, echoBytes) = ("echo", byteCount)
        case .health: break
        case .progress(let ids): (method, jobs) = ("progress", ids)
        }
        let target = if case .server = self.plan.target { "socket" } else { "http" }
        return LoadReport.Configuration(
            target: target,
            method: method,
            connections: self.plan.connectionCount,
            inFlightPerConnection: self.plan.inFlight,
            durationSeconds: self.plan.duration / .seconds(1),
            requests: self.plan.requestCount,
            timeoutSeconds: self.plan.timeout / .seconds(1),
            jobs: jobs,
            maxStalenessSeconds: self.plan.maxStaleness > .zero
                ? self.plan.maxStaleness / .seconds(1) : nil,
            echoBytes: echoBytes,
            threads: self.threadCount
        )
    }
}
