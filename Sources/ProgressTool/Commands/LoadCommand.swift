import ArgumentParser
import UnixSignals

/// `load`.
struct LoadCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "load",
        abstract: "Calls a server or a gateway as fast as it answers, and measures it.",
        discussion: """
            Closed loop: each caller waits for its answer before it calls again, so a slow server \
            gets fewer calls. Every answer is decoded and checked; exit status 1 if one is wrong.
            """
    )

    /// What is called.
    enum Method: String, ExpressibleByArgument, CaseIterable {
        case echo
        case health
        case progress
    }

    @OptionGroup var target: TargetOptions

    @Option(help: "What is called; a gateway answers only about progress.")
    var method = Method.progress

    @Option(
        parsing: .upToNextOption,
        help: "The jobs asked about in turn.",
        transform: jobNumber
    )
    var job: [Int64] = []

    @Option(
        help: "Connections, 1 to 1024 (default: 1).",
        transform: wholeNumber(in: LoadPlan.connectionRange)
    )
    var connections = 1

    @Option(
        help: "Calls under way on each connection, 1 to 1024; by HTTP 1 (default: 1).",
        transform: wholeNumber(in: LoadPlan.inFlightRange)
    )
    var inFlight = 1

    @Option(
        help: "How long, such as 10s or 1m, at most 1h (default: 10s; with --requests 1h).",
        transform: timeSpan(in: LoadPlan.durationRange)
    )
    var duration: Duration?

    @Option(
        help: "How many calls in all; ends earlier if the duration is over.",
        transform: wholeNumber(in: LoadPlan.requestRange)
    )
    var requests: Int?

    @Option(
        help: "Bytes of an echo, 0 to 60000 (default: 24).",
        transform: wholeNumber(in: LoadPlan.echoByteRange)
    )
    var bytes = 24

    @Option(
        help: "Take answers that are up to so much older, at most 1h (default: 0s).",
        transform: timeSpan(in: ReadingTerms.stalenessRange)
    )
    var maxStaleness = Duration.zero

    @Flag(help: "Load a gateway on another machine too.")
    var allowRemote = false

    @Flag(help: "Print the report as JSON.")
    var json = false

    func validate() throws {
        if self.method == .progress, self.job.isEmpty {
            throw ValidationError("'--job' must name the jobs to ask about")
        }
        if self.method != .progress, !self.job.isEmpty {
            throw ValidationError("'--job' goes only with '--method progress'")
        }
        if self.method != .progress, self.maxStaleness > .zero {
            throw ValidationError("'--max-staleness' goes only with '--method progress'")
        }
    }

    func run() async throws {
        let plan = try self.plan()
        let budget = LoadBudget(duration: plan.duration, requestCount: plan.requestCount)
        let signals = await UnixSignalsSequence(trapping: .sigint, .sigterm)
        let run = LoadRun(plan: plan, budget: budget)
        let (report, isInterrupted) = try await withThrowingTaskGroup(of: LoadReport?.self) {
            group in
            group.addTask {
                for await _ in signals { return nil }
                return nil
            }
            group.addTask { try await run.report() }
            var isInterrupted = false
            while let result = try await group.next() {
                if let result {
                    group.cancelAll()
                    return (result, isInterrupted)
                }
                // What was measured so far is reported.
                isInterrupted = true
                budget.exhaust()
            }
            throw ToolError(.failure, "the run ended without a report")
        }
        Console.current.write(self.json ? try jsonText(report) : loadText(report))
        if isInterrupted { throw CommandStatus.interrupted }
        if report.answers.wrong > 0 {
            throw ToolError(.failure, "\(report.answers.wrong) answers were wrong")
        }
        if report.answers.right == 0 {
            throw ToolError(.failure, "no call was answered as asked")
        }
    }

    private func plan() throws(ToolError) -> LoadPlan {
        let target = try self.target.target()
        if case .gateway(let gateway) = target {
            guard self.method == .progress else {
                throw ToolError(
                    .usage,
                    "--method is \(self.method.rawValue); a gateway answers only 'progress'",
                    remedy: "name a server with --socket"
                )
            }
            guard self.inFlight == 1 else {
                throw ToolError(
                    .usage,
                    "--in-flight is \(self.inFlight); HTTP/1.1 carries one request at a time on a "
                        + "connection",
                    remedy: "raise --connections instead"
                )
            }
            let origin = try HTTPOrigin(gateway.baseURL)
            guard self.allowRemote || origin.isLoopback else {
                throw ToolError(
                    .usage,
                    "\(gateway.baseURL) is not on this machine",
                    remedy: "--allow-remote loads it nevertheless"
                )
            }
        }
        let work: LoadPlan.Work =
            switch self.method {
            case .echo: .echo(byteCount: self.bytes)
            case .health: .health
            case .progress: .progress(jobs: self.job)
            }
        return LoadPlan(
            target: target,
            work: work,
            connectionCount: self.connections,
            inFlight: self.inFlight,
            duration: self.duration
                ?? (self.requests == nil ? .seconds(10) : LoadPlan.durationRange.upperBound),
            requestCount: self.requests,
            timeout: self.target.timeout,
            maxStaleness: self.maxStaleness
        )
    }
}
