import NIOCore
import ProgressPostgres
import ProgressRPC
import SwiftProtobuf

/// The first answer after a change, in turn with answers to which nothing had changed.
struct FirstAnswer {
    let client: ProgressClient
    let session: PostgresSession
    let job: Int64
    private let request: ByteBuffer

    init(_ client: ProgressClient, _ session: PostgresSession, job: Int64) throws {
        self.client = client
        self.session = session
        self.job = job
        let message = PBGetJobProgressRequest.with { $0.jobID = job }
        self.request = ByteBuffer(bytes: try message.serializedBytes() as [UInt8])
    }

    /// Medians in microseconds, as JSON.
    func run(rounds: Int) async throws -> String {
        let revision = try self.session.int64(
            "SELECT min(id) FROM physical_table_revisions WHERE writer = $1",
            [.int64(self.job)]
        )
        var index = try self.session.int64(
            "SELECT count(*) FROM file_metadata WHERE location_id = $1",
            [.int64(revision)]
        )
        var fileCount = try await self.answer().fileCount
        var (file, heartbeat, warm): ([Duration], [Duration], [Duration]) = ([], [], [])
        for _ in 0..<rounds {
            try self.session.execute(Self.insertFile, [.int64(revision), .int64(index)])
            let fresh = try await self.answer()
            guard fresh.fileCount == fileCount + 1 else {
                throw BenchmarkError(description: "the answer does not have the new file")
            }
            fileCount = fresh.fileCount
            index += 1
            file.append(fresh.time)
            warm.append(try await self.settledAnswer())
            try self.session.execute("UPDATE workers SET heartbeat_at = now()")
            heartbeat.append(try await self.answer().time)
            warm.append(try await self.settledAnswer())
        }
        return """
            {"file": \(median(file)), "heartbeat": \(median(heartbeat)), "warm": \(median(warm))}
            """
    }

    /// A file that continues the chain.
    private static let insertFile = """
        INSERT INTO file_metadata (location_id, file_name, url, object_size, metadata)
        SELECT $1, 'new-' || $2::bigint, 'file:///', 110640000,
               \(DatabaseFixture.metadata(table: "'blocks'", index: "$2::bigint"))
        """

    /// The time of an answer that follows others with nothing between them.
    private func settledAnswer() async throws -> Duration {
        _ = try await self.answer()
        _ = try await self.answer()
        return try await self.answer().time
    }

    private func answer() async throws -> (time: Duration, fileCount: Int64) {
        let start = ContinuousClock.now
        let reply = try await self.client.call(.getJobProgress, self.request)
        let time = start.duration(to: .now)
        let answer = try PBJobProgress(serializedBytes: Array(reply.body.readableBytesView))
        return (time, answer.tables.reduce(0) { $0 + $1.filesCount })
    }
}

struct BenchmarkError: Error, CustomStringConvertible {
    let description: String
}

/// In microseconds.
private func median(_ times: [Duration]) -> Double {
    times.sorted()[times.count / 2] / .microseconds(1)
}
