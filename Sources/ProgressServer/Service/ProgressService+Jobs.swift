import FoundationEssentials
import NIOCore
import ProgressPostgres
import ProgressRPC
import SwiftProtobuf

/// What jobs are and what happened to them: each answer is read when it is asked for, in one moment.
extension ProgressService {
    func getJob(_ call: ServerCall) {
        self.answer(call, "a job") {
            (request: PBGetJobRequest, scope) throws(RPCError) -> Reading<PBGetJobResponse> in
            let job = try JobID(asked: request.jobID)
            let shown = self.shownJobs(scope)
            return { session, terms, limit throws(ReadFailure) in
                let page = try session.readJobRecords(
                    .one(job),
                    JobFilter(scope),
                    count: 1,
                    isStandby: terms.isStandby,
                    limit: limit
                )
                guard let found = shown(page.records).first else {
                    return .failure(.noSuchJob(job))
                }
                return .success(
                    PBGetJobResponse.with {
                        $0.job = found
                        $0.asOf = PBMoment(page.snapshot, terms)
                    }
                )
            }
        }
    }

    func listJobs(_ call: ServerCall) {
        self.answer(call, "the jobs") {
            (request: PBListJobsRequest, scope) throws(RPCError) -> Reading<PBListJobsResponse> in
            let question = try JobListQuestion(request)
            let shown = self.shownJobs(scope)
            return { session, terms, limit throws(ReadFailure) in
                let page = try session.readJobRecords(
                    question.selection,
                    JobFilter(scope),
                    count: question.count,
                    isStandby: terms.isStandby,
                    limit: limit
                )
                return .success(
                    PBListJobsResponse.with {
                        $0.jobs = shown(page.records)
                        $0.nextCursor = page.hasMore ? page.records.last?.plan.id.rawValue ?? 0 : 0
                        $0.asOf = PBMoment(page.snapshot, terms)
                    }
                )
            }
        }
    }

    func listDatasetJobs(_ call: ServerCall) {
        self.answer(call, "a dataset's jobs") {
            (request: PBListDatasetJobsRequest, scope) throws(RPCError) -> Reading<
                PBListDatasetJobsResponse
            > in
            let question = try DatasetJobsQuestion(request)
            let shown = self.shownJobs(scope)
            guard Visibility(scope).includes(question.dataset) else {
                throw .noSuchRevision(question)
            }
            return { session, terms, limit throws(ReadFailure) in
                let reading = try session.readDatasetJobs(
                    question.dataset,
                    question.revision,
                    above: question.above,
                    JobFilter(scope),
                    count: question.count,
                    isStandby: terms.isStandby,
                    limit: limit
                )
                guard let (hash, page) = reading else {
                    return .failure(.noSuchRevision(question))
                }
                return .success(
                    PBListDatasetJobsResponse.with {
                        $0.manifestHash = hash
                        $0.jobs = shown(page.records)
                        $0.nextCursor = page.hasMore ? page.records.last?.plan.id.rawValue ?? 0 : 0
                        $0.asOf = PBMoment(page.snapshot, terms)
                    }
                )
            }
        }
    }

    func listJobEvents(_ call: ServerCall) {
        self.answer(call, "a job's events") {
            (request: PBListJobEventsRequest, scope) throws(RPCError) -> Reading<
                PBListJobEventsResponse
            > in
            let question = try JobEventsQuestion(request)
            let shows = self.showsJob(scope)
            return { session, terms, limit throws(ReadFailure) in
                guard let (_, page) = try session.readJobEvents(question, shows, terms, limit)
                else { return .failure(.noSuchJob(question.job)) }
                return .success(
                    PBListJobEventsResponse.with {
                        $0.jobID = question.job.rawValue
                        $0.events = page.records.map { PBJobEvent($0) }
                        $0.nextCursor = page.hasMore ? page.records.last?.id ?? 0 : 0
                        $0.asOf = PBMoment(page.snapshot, terms)
                    }
                )
            }
        }
    }

    func getJobEvent(_ call: ServerCall) {
        self.answer(call, "a job's event") {
            (request: PBGetJobEventRequest, scope) throws(RPCError) -> Reading<
                PBGetJobEventResponse
            > in
            let question = try JobEventsQuestion(request)
            let visibility = Visibility(scope)
            let shows = self.showsJob(scope)
            return { session, terms, limit throws(ReadFailure) in
                guard
                    let (plan, page) = try session.readJobEvents(question, shows, terms, limit)
                else { return .failure(.noSuchJob(question.job)) }
                guard var record = page.records.first else {
                    return .failure(.noSuchEvent(request.eventID, of: question.job))
                }
                if !visibility.includesDataset(of: plan) { record.detail = nil }
                // Whatever else has a detail, now or in a later release of Amp, tells of a failure.
                if record.type != JobStatus.scheduled.rawValue, !scope.details {
                    record.detail = record.detail.flatMap(FailureDetail.redacted)
                }
                return .success(
                    PBGetJobEventResponse.with {
                        $0.jobID = question.job.rawValue
                        $0.event = PBJobEvent(record)
                        $0.asOf = PBMoment(page.snapshot, terms)
                    }
                )
            }
        }
    }

    /// Jobs as a caller may see them, with the tables that their datasets' manifests list; without those
    /// that the caller has no progress of.
    private func shownJobs(_ scope: PBScope) -> @Sendable ([JobRecord]) -> [PBJob] {
        let visibility = Visibility(scope)
        let context = self.engine.context
        return { records in
            var plans = Dictionary(
                records.map { ($0.plan.id, $0.plan) },
                uniquingKeysWith: { first, _ in first }
            )
            context.applyManifests(to: &plans, isTold: false)
            return records.compactMap { record in
                guard let plan = plans[record.plan.id], visibility.tables(of: plan) != nil
                else { return nil }
                var record = record
                record.plan = plan
                return PBJob(record, visibility)
            }
        }
    }

    /// Whether a caller may know of a job.
    private func showsJob(_ scope: PBScope) -> @Sendable (JobPlan) -> Bool {
        let visibility = Visibility(scope)
        let context = self.engine.context
        return { plan in
            var plans = [plan.id: plan]
            context.applyManifests(to: &plans, isTold: false)
            return plans[plan.id].map { visibility.tables(of: $0) != nil } ?? false
        }
    }

    /// What a reading must know of the server.
    struct ReadingTerms: Sendable {
        var epoch: UInt64
        var isStandby: Bool
    }

    private typealias Reading<Response> =
        @Sendable (StoreSession, ReadingTerms, WaitLimit) throws(ReadFailure) ->
        Result<Response, RPCError>

    /// Checks a call and answers it by a reading with a session of its own.
    private func answer<Request: Message, Response: Message & Sendable>(
        _ call: ServerCall,
        _ subject: String,
        _ prepare: (Request, PBScope) throws(RPCError) -> Reading<Response>
    ) {
        let read: Reading<Response>
        do throws(RPCError) {
            let scope = try answerScope(of: call).message
            read = try prepare(try call.message(Request.self), scope)
        } catch {
            return call.fail(error)
        }
        let terms = self.readingTerms
        let reading = self.store.read(
            subject,
            before: .now.advanced(by: .nanoseconds((call.deadline - .now()).nanoseconds))
        ) { session, limit throws(ReadFailure) in
            try read(session, terms, limit)
        } completion: { result in
            switch result {
            case .failure(let error): call.fail(RPCError(error))
            case .success(.failure(let error)): call.fail(error)
            case .success(.success(let response)): call.succeed(response)
            }
        }
        call.onCancellation { reading.cancel() }
    }
}

extension StoreSession {
    fileprivate func readJobEvents(
        _ question: JobEventsQuestion,
        _ shows: (JobPlan) -> Bool,
        _ terms: ProgressService.ReadingTerms,
        _ limit: WaitLimit
    ) throws(ReadFailure) -> (plan: JobPlan, page: JobPage<JobEventRecord>)? {
        try self.readJobEvents(
            of: question.job,
            question.selection,
            count: question.count,
            isStandby: terms.isStandby,
            shows: shows,
            limit: limit
        )
    }
}

extension JobFilter {
    fileprivate init(_ scope: PBScope) {
        self.init(
            seesAll: scope.all,
            namespaces: scope.datasets.map(\.namespace),
            names: scope.datasets.map(\.name)
        )
    }
}

extension RPCError {
    static func noSuchJob(_ job: JobID) -> Self {
        RPCError(.notFound, "job '\(job)' not found", reason: "JOB_NOT_FOUND")
    }

    fileprivate static func noSuchEvent(_ event: Int64, of job: JobID) -> Self {
        RPCError(
            .notFound,
            "event '\(event)' of job '\(job)' not found",
            reason: "EVENT_NOT_FOUND"
        )
    }

    fileprivate static func noSuchRevision(_ question: DatasetJobsQuestion) -> Self {
        RPCError(
            .notFound,
            "dataset '\(question.dataset)@\(question.revision)' not found",
            reason: "DATASET_NOT_FOUND"
        )
    }
}

extension PBMoment {
    fileprivate init(_ snapshot: Snapshot, _ terms: ProgressService.ReadingTerms) {
        self.init()
        self.snapshot = snapshot.description
        self.epoch = terms.epoch
        self.observedAtUs = Int64(Date.now.timeIntervalSince1970 * 1e6)
    }
}

extension PBJob {
    /// A job as a caller may see it.
    fileprivate init(_ record: JobRecord, _ visibility: Visibility) {
        self.init()
        self.id = record.plan.id.rawValue
        self.createdAtUs = record.createdAt
        self.updatedAtUs = record.updatedAt
        self.nodeID = record.nodeID
        self.status = JobStatus(stored: record.plan.status).rawValue
        self.tables = (visibility.tables(of: record.plan) ?? []).map(\.name)
        guard visibility.includesDataset(of: record.plan) else { return }
        if let descriptor = record.descriptor { self.descriptorJson = descriptor }
        if let dataset = record.plan.dataset {
            self.datasetNamespace = dataset.namespace
            self.datasetName = dataset.name
        }
    }
}

extension PBJobEvent {
    fileprivate init(_ record: JobEventRecord) {
        self.init()
        self.id = record.id
        self.createdAtUs = record.createdAt
        self.nodeID = record.nodeID
        self.eventType = record.type
        if let detail = record.detail { self.detailJson = detail }
    }
}
