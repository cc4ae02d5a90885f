import NIOCore
import ProgressRPC
import SwiftProtobuf
import Synchronization

/// Answers the calls: the one place that joins the engine and the protocol.
///
/// What needs no database is answered on the event loop, at once; and so is an answer that may be as
/// old as one that is held.
final class ProgressService: RPCHandler {
    let engine: ProgressEngine
    private let server: RunningServer
    private let identity: ProgramIdentity
    let background = BackgroundWork()
    private let start = ContinuousClock.now

    init(engine: ProgressEngine, server: RunningServer, identity: ProgramIdentity) {
        self.engine = engine
        self.server = server
        self.identity = identity
    }

    func handle(_ call: ServerCall) {
        switch call.method {
        case .echo: call.succeed(call.body)
        case .describe: call.succeed(self.description)
        case .health: call.succeed(self.health)
        case .stats: call.succeed(self.statistics)
        case .getJobProgress: self.getJobProgress(call)
        case .getJobProgressBatch: self.getJobProgressBatch(call)
        case .getJob: self.getJob(call)
        case .listJobs: self.listJobs(call)
        case .listDatasetJobs: self.listDatasetJobs(call)
        case .listJobEvents: self.listJobEvents(call)
        case .getJobEvent: self.getJobEvent(call)
        default:
            let text = "there is no method \(call.method.rawValue)"
            call.fail(RPCError(.unimplemented, text, isNotProcessed: true))
        }
    }

    func readCompleted() { self.engine.answerWaiting() }

    /// What reads without the cache.
    var store: PostgresStore { self.engine.context.loaders }

    var readingTerms: ReadingTerms {
        let statistics = self.engine.context.statistics.withLock { $0 }
        return ReadingTerms(epoch: self.server.epoch, isStandby: statistics.isStandby)
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
        let health = self.engine.health
        let statistics = self.engine.context.statistics.withLock { $0 }
        return .with { response in
            response.status = health.database == .connected ? .serving : .notServing
            if self.server.isDraining { response.status = .draining }
            response.database = health.database.rawValue
            response.schemaEra = health.era?.rawValue ?? ""
            response.currency = statistics.currency?.rawValue ?? ""
            response.uptimeMs = UInt64(clamping: self.start.duration(to: .now).wholeMilliseconds)
            response.standby = statistics.isStandby
            if statistics.isStandby {
                response.replayLagMs = UInt32(clamping: statistics.replayLag.wholeMilliseconds)
            }
        }
    }

    private var statistics: PBStatsResponse {
        var response = self.server.statistics
        let counts = self.engine.context.statistics.withLock { $0 }
        response.cache = counts.response
        if let manifests = self.engine.context.configuration.manifests {
            response.cache["manifests"] = UInt64(manifests.count)
        }
        response.cache["budget_bytes"] = UInt64(clamping: self.engine.context.budget.byteLimit)
        response.cache["peak_bytes"] = UInt64(clamping: self.engine.context.budget.peakByteCount)
        return response
    }

    private func getJobProgress(_ call: ServerCall) {
        do throws(RPCError) {
            let query = try ProgressQuery(decoding: call.body)
            let question = try JobProgressQuestion(query)
            let scope = try answerScope(of: call)
            guard query.view == 0 else {
                try question.checkView(query.view)
                return self.ask(call, .holdings(question.known.job), scope, question.terms) {
                    self.tellOutlook(call, $0, scope)
                }
            }
            if question.terms.staleness > .zero,
                let recent = self.engine.recentAnswer(
                    for: question.known.job,
                    scope,
                    within: question.terms.staleness
                )
            {
                return reply(to: call, recent, question.known)
            }
            self.ask(call, .one(question.known), scope, question.terms) { call.answer($0) }
        } catch {
            call.fail(error)
        }
    }

    private func getJobProgressBatch(_ call: ServerCall) {
        do throws(RPCError) {
            let message = try call.message(PBGetJobProgressBatchRequest.self)
            let question = try BatchQuestion(message)
            let scope = try answerScope(of: call)
            if question.terms.staleness > .zero,
                let recent = self.engine.recentAnswers(
                    for: question.known.map(\.job),
                    scope,
                    within: question.terms.staleness
                )
            {
                let batch = BatchAnswer(question.known, recent.held)
                return call.succeed(batch.encoded(recent.moment, age: recent.age))
            }
            self.ask(call, .batch(question.known), scope, question.terms) { call.answer($0) }
        } catch {
            call.fail(error)
        }
    }

    /// - Parameter answer: Called once. One that holds the call alone needs no memory of its own.
    private func ask(
        _ call: ServerCall,
        _ subject: ProgressRequest.Subject,
        _ scope: AnswerScope,
        _ terms: QuestionTerms,
        answer: @escaping @Sendable (ProgressReply) -> Void
    ) {
        let now = ContinuousClock.now
        let request = ProgressRequest(
            subject,
            scope: scope,
            before: now.advanced(by: .nanoseconds((call.deadline - .now()).nanoseconds)),
            waitEnd: terms.wait > .zero ? now.advanced(by: terms.wait) : nil,
            completion: answer
        )
        call.onCancellation { request.cancel() }
        self.engine.ask(request)
    }
}

func answerScope(of call: ServerCall) throws(RPCError) -> AnswerScope {
    call.seesEverything ? .everything : AnswerScope(try call.scope())
}

/// Answers at once with what stood a while ago.
private func reply(to call: ServerCall, _ recent: RecentAnswers.Answer, _ known: KnownJob) {
    switch recent {
    case .failure(let error): call.fail(error)
    case .body(_, let version?) where version == known.version: call.notModified()
    case .body(let body, _): call.succeed(body)
    }
}

extension Duration {
    /// Milliseconds, rounded towards zero.
    var wholeMilliseconds: Int64 {
        self.components.seconds * 1_000 + self.components.attoseconds / 1_000_000_000_000_000
    }
}
