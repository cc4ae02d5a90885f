import FoundationEssentials
import NIOCore
import ProgressRPC
import SwiftProtobuf

/// Answers the calls: the one place that joins the store, the chain and the protocol.
///
/// Everything but GetJobProgress is answered on the event loop, at once. GetJobProgress is computed
/// on the store's thread that has read it.
final class ProgressService<Store: ProgressStore>: RPCHandler {
    private let store: Store
    private let server: RunningServer
    private let identity: ProgramIdentity
    private let observe: @Sendable (Observation) -> Void
    private let start = ContinuousClock.now

    init(
        store: Store,
        server: RunningServer,
        identity: ProgramIdentity,
        observe: @escaping @Sendable (Observation) -> Void
    ) {
        self.store = store
        self.server = server
        self.identity = identity
        self.observe = observe
    }

    func handle(_ call: ServerCall) {
        switch call.method {
        case .echo: call.succeed(call.body)
        case .describe: call.succeed(self.description)
        case .health: call.succeed(self.health)
        case .stats: call.succeed(self.server.statistics)
        case .getJobProgress: self.getJobProgress(call)
        default:
            let text = "there is no method \(call.method.rawValue)"
            call.fail(RPCError(.unimplemented, text, isNotProcessed: true))
        }
    }

    private var description: PBDescribeResponse {
        .with { response in
            response.name = self.identity.name
            response.version = self.identity.version
            response.epoch = self.server.epoch
            response.methods = Method.all.map { method in
                .with {
                    $0.id = UInt32(method.rawValue)
                    $0.name = method.name
                }
            }
        }
    }

    private var health: PBHealthResponse {
        let health = self.store.health
        return .with { response in
            response.status = health.database == .connected ? .serving : .notServing
            if self.server.isDraining { response.status = .draining }
            response.database = health.database.rawValue
            response.schemaEra = health.era?.rawValue ?? ""
            response.currency = "direct"
            response.uptimeMs = UInt64(clamping: self.start.duration(to: .now).wholeMilliseconds)
        }
    }

    private func getJobProgress(_ call: ServerCall) {
        do throws(RPCError) {
            let request = try call.message(PBGetJobProgressRequest.self)
            guard let job = JobID(rawValue: request.jobID) else {
                throw RPCError(
                    .invalidArgument,
                    "job id is \(request.jobID); it must be 1 or more",
                    reason: "INVALID_JOB_ID"
                )
            }
            guard request.waitMs == 0 else {
                throw RPCError(
                    .invalidArgument,
                    "wait_ms is \(request.waitMs); it must be 0 in this version"
                )
            }
            let answer = ProgressAnswer(to: try call.scope(), observe: self.observe)
            let read = self.store.read(
                job,
                choosing: { answer.visibility.tables(of: $0) ?? [] },
                before: .now.advanced(by: .nanoseconds((call.deadline - .now()).nanoseconds))
            ) { [server] result in
                reply(to: call, job, request.knownVersion, answer, result, epoch: server.epoch)
            }
            call.onCancellation { read.cancel() }
        } catch {
            call.fail(error)
        }
    }
}

/// Completes a call, on whatever thread the reading came.
private func reply(
    to call: ServerCall,
    _ job: JobID,
    _ knownVersion: Data,
    _ answer: ProgressAnswer,
    _ result: Result<JobReading, StoreError>,
    epoch: UInt64
) {
    do throws(RPCError) {
        let reading: JobReading
        do throws(StoreError) {
            reading = try result.get()
        } catch {
            throw RPCError(error)
        }
        var message = try answer.message(for: job, from: reading)
        guard message.version != knownVersion else { return call.notModified() }
        message.asOf = .with {
            $0.snapshot = reading.snapshot
            $0.epoch = epoch
            $0.observedAtUs = Int64(Date.now.timeIntervalSince1970 * 1e6)
        }
        call.succeed(message)
    } catch {
        call.fail(error)
    }
}

extension Duration {
    /// Milliseconds, rounded towards zero.
    var wholeMilliseconds: Int64 {
        self.components.seconds * 1_000 + self.components.attoseconds / 1_000_000_000_000_000
    }
}
