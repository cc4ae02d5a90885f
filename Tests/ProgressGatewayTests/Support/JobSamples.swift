import NIOCore
import ProgressRPC

extension PBJob {
    /// A running job of `ethereum/mainnet`.
    static func sample(
        _ id: Int64 = 42,
        descriptor: String? = #"{"kind": "materialize-raw","end_block":null}"#,
        dataset: (namespace: String, name: String) = ("ethereum", "mainnet")
    ) -> Self {
        var job = Self()
        job.id = id
        job.createdAtUs = 1_773_394_200_000_000
        job.updatedAtUs = 1_773_394_200_120_000
        job.nodeID = "worker-1"
        job.status = "RUNNING"
        if let descriptor { job.descriptorJson = descriptor }
        job.datasetNamespace = dataset.namespace
        job.datasetName = dataset.name
        job.tables = ["blocks"]
        return job
    }

    /// What the gateway writes for ``sample(_:descriptor:dataset:)``.
    static func sampleJSON(
        _ id: Int64 = 42,
        descriptor: String = #"{"kind": "materialize-raw","end_block":null}"#
    ) -> String {
        #"{"id":\#(id),"created_at":"2026-03-13T09:30:00+00:00","#
            + #""updated_at":"2026-03-13T09:30:00.120+00:00","node_id":"worker-1","#
            + #""status":"RUNNING","descriptor":\#(descriptor)}"#
    }
}

extension PBJobEvent {
    static func sample(_ id: Int64 = 7, detail: String? = nil) -> Self {
        var event = Self()
        event.id = id
        event.createdAtUs = 1_773_394_200_000_001
        event.nodeID = "worker-1"
        event.eventType = "SCHEDULED"
        if let detail { event.detailJson = detail }
        return event
    }
}

/// Replies of a server that has job 42 with event 7, by method.
enum JobReplies {
    typealias Replies = [ProgressRPC.Method: Result<ByteBuffer, RPCError>]

    static var samples: Replies {
        get throws {
            [
                .getJob: .success(try Self.job(.sample()).encoded()),
                .listJobs: .success(try Self.page([.sample(43), .sample()]).encoded()),
                .listDatasetJobs: .success(try Self.datasetPage([.sample()]).encoded()),
                .listJobEvents: .success(try Self.events([.sample()]).encoded()),
                .getJobEvent: .success(try Self.event(.sample()).encoded()),
            ]
        }
    }

    /// The same failure of every method.
    static func failing(_ error: RPCError) -> Replies {
        [
            .getJob: .failure(error), .listJobs: .failure(error),
            .listDatasetJobs: .failure(error), .listJobEvents: .failure(error),
            .getJobEvent: .failure(error),
        ]
    }

    static func job(_ job: PBJob) -> PBGetJobResponse {
        var response = PBGetJobResponse()
        response.job = job
        return response
    }

    static func page(_ jobs: [PBJob], next: Int64 = 0) -> PBListJobsResponse {
        var response = PBListJobsResponse()
        response.jobs = jobs
        response.nextCursor = next
        return response
    }

    static func datasetPage(_ jobs: [PBJob], next: Int64 = 0) -> PBListDatasetJobsResponse {
        var response = PBListDatasetJobsResponse()
        response.jobs = jobs
        response.nextCursor = next
        return response
    }

    static func events(
        _ events: [PBJobEvent],
        of job: Int64 = 42,
        next: Int64 = 0
    ) -> PBListJobEventsResponse {
        var response = PBListJobEventsResponse()
        response.jobID = job
        response.events = events
        response.nextCursor = next
        return response
    }

    static func event(_ event: PBJobEvent, of job: Int64 = 42) -> PBGetJobEventResponse {
        var response = PBGetJobEventResponse()
        response.jobID = job
        response.event = event
        return response
    }
}
