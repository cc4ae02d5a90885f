import ProgressRPC
import SwiftProtobuf

/// One answer about several jobs, from a server that may have yet to start.
enum BatchAnswer {
    /// Prints the time of the answer, when there is a connection, as JSON.
    static func run(_ client: ProgressClient, jobs: [Int64]) async throws {
        let options = CallOptions(timeout: .seconds(60), waitsForConnection: true)
        _ = try await client.health(options: options)
        let start = ContinuousClock.now
        let batch = try await client.jobProgressBatch(
            jobs.map { job in PBKnownJob.with { $0.jobID = job } },
            options: options
        )
        let time = start.duration(to: .now)
        guard batch.failed.isEmpty, batch.changed.count == jobs.count else {
            throw BenchmarkError(description: "not all of the jobs \(jobs) were answered")
        }
        print("{\"milliseconds\": \(time / .milliseconds(1))}")
    }
}
