import ProgressPostgres
import ProgressRPC
import SwiftProtobuf
import TestSupport

@testable import ProgressServer

extension PBGetJobProgressRequest {
    static func full(_ job: Int64, _ change: (inout Self) -> Void = { _ in }) -> Self {
        .with {
            $0.jobID = job
            $0.view = .full
            change(&$0)
        }
    }
}

extension ProgressClient {
    /// The answer with view FULL.
    func outlook(
        of job: Int64,
        _ options: CallOptions = CallOptions()
    ) async throws -> PBJobProgress {
        let request = try PBGetJobProgressRequest.full(job).encoded()
        let reply = try await self.call(.getJobProgress, request, options: options)
        return try PBJobProgress(decoding: reply.body)
    }
}

extension AmpDatabase {
    /// A job with table `blocks` that is to end at block `end`.
    func makeBoundedJob(
        end: String?,
        status: String = "RUNNING"
    ) async throws -> (job: Int64, revision: Int64) {
        let job = try await self.addJob(status: status)
        let revision = try await self.addTable("blocks", job: job)
        let value = end.map { "\"\($0)\"" } ?? "null"
        try await self.execute(
            "UPDATE job_events SET detail = jsonb_set(detail, '{end_block}', '\(value)')"
        )
        return (job, revision)
    }

    /// Moves the times of all files so that the newest was made ten seconds ago.
    ///
    /// - Returns: That time, in microseconds since 1970.
    func makeFilesNew() async throws -> Int64 {
        try await self.write { session in
            try session.execute(
                """
                UPDATE file_metadata SET metadata = jsonb_set(metadata, '{created_at,secs}', to_jsonb(
                    (metadata -> 'created_at' ->> 'secs')::bigint
                    + (SELECT extract(epoch FROM now())::bigint - 10
                              - max((metadata -> 'created_at' ->> 'secs')::bigint)
                         FROM file_metadata)))
                """
            )
            return try session.int64(
                """
                SELECT max((metadata -> 'created_at' ->> 'secs')::bigint) * 1000000
                  FROM file_metadata
                """
            )
        }
    }
}
