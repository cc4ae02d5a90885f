import NIOCore
import ProgressRPC
import Synchronization

/// One connection to a server, and its callers.
final class ServerLoad: Sendable {
    private let plan: LoadPlan
    private let client: ProgressClient
    private let index: Int
    private let tally = Mutex(LoadTally())
    private let echo: ByteBuffer

    init(plan: LoadPlan, socket: String, index: Int, on eventLoop: any EventLoop) {
        self.plan = plan
        self.index = index
        var configuration = ProgressClient.Configuration(socketPath: socket)
        configuration.name = "progressctl load"
        configuration.version = ToolApplication.version
        self.client = ProgressClient(configuration, on: eventLoop)
        if case .echo(let byteCount) = plan.work {
            var generator = SplitMix64(seed: UInt64(index))
            self.echo = ByteBuffer(
                bytes: (0..<byteCount).map { _ in
                    UInt8(truncatingIfNeeded: generator.next())
                }
            )
        } else {
            self.echo = ByteBuffer()
        }
    }
}

extension ServerLoad: LoadConnection {
    func prepare() async throws(ToolError) {
        let options = CallOptions(timeout: self.plan.timeout)
        do {
            if case .progress(let jobs) = self.plan.work, let job = jobs.first {
                _ = try await self.client.jobProgress(job, options: options)
            } else {
                _ = try await self.client.health(options: options)
            }
        } catch {
            throw ToolError(rpc: error)
        }
    }

    func run(_ budget: LoadBudget) async -> LoadTally {
        // On the client's loop a call takes no hop between threads.
        await withTaskExecutorPreference(self.client.executor) {
            await withDiscardingTaskGroup { group in
                for caller in 0..<self.plan.inFlight {
                    group.addTask { await self.call(caller, budget) }
                }
            }
        }
        return self.tally.withLock { $0 }
    }

    func close() async {
        await self.client.close()
    }

    /// Calls again and again, each time when the answer to the last is there.
    private func call(_ caller: Int, _ budget: LoadBudget) async {
        var jobs: JobRotation?
        if case .progress(let ids) = self.plan.work {
            jobs = JobRotation(ids, startingAt: self.index * self.plan.inFlight + caller)
        }
        var start = ContinuousClock.now
        while budget.takeCall(at: start) {
            let outcome = await self.callOnce(job: jobs?.next())
            let end = ContinuousClock.now
            self.tally.withLock { $0.record(outcome, after: end - start) }
            if case .failed = outcome {
                // A server that is gone fails at once; do not turn that into a busy loop.
                try? await Task.sleep(for: .milliseconds(10))
                start = .now
            } else {
                start = end
            }
        }
    }

    private func callOnce(job: Int64?) async -> LoadOutcome {
        let options = CallOptions(timeout: self.plan.timeout)
        do {
            switch self.plan.work {
            case .echo:
                return try await self.client.echo(self.echo, options: options) == self.echo
                    ? .right : .wrong
            case .health:
                let health = try await self.client.health(options: options)
                return health.status == .unspecified ? .wrong : .right
            case .progress:
                guard let job else { return .wrong }
                var request = PBGetJobProgressRequest()
                request.jobID = job
                request.maxStalenessMs = UInt32(self.plan.maxStaleness / .milliseconds(1))
                let reply = try await self.client.call(
                    .getJobProgress,
                    try request.encoded(),
                    options: options
                )
                return Self.isAnswer(reply.body, for: job) ? .right : .wrong
            }
        } catch {
            return .failed(error.reason.isEmpty ? "\(error.code)" : error.reason)
        }
    }

    /// Whether a body begins as the answer for a job does.
    ///
    /// To decode all of it would measure the client: ``prepare()`` does so once.
    private static func isAnswer(_ body: ByteBuffer, for job: Int64) -> Bool {
        var body = body
        guard body.readInteger(as: UInt8.self) == 1 << 3 else { return false }
        var number: UInt64 = 0
        for place in 0..<10 {
            guard let byte = body.readInteger(as: UInt8.self) else { return false }
            number |= UInt64(byte & 0x7F) << UInt64(7 * place)
            if byte < 0x80 { return number == UInt64(bitPattern: job) && body.readableBytes > 0 }
        }
        return false
    }
}
