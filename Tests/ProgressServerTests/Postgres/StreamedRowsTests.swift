import ProgressPostgres
import TestSupport
import Testing

@Suite("Rows of a streamed statement", .requiresPostgres, .timeLimit(.minutes(2)))
struct StreamedRowsTests {
    /// Three rows of 100 kB, so that PostgreSQL sends each before it makes the next; the third one
    /// waits while another session holds the lock.
    static let statement = Statement(
        name: "streamed",
        sql: """
            SELECT repeat('x', 100000),
                   CASE WHEN n = 3 THEN pg_advisory_xact_lock_shared(1)::text END
              FROM generate_series(1, 3) AS n
            """,
        isStreamed: true
    )

    @Test func theyComeBeforeTheStatementEndsSoThatNoneWaitsInMemory() async throws {
        let conninfo = try await TemporaryPostgres.makeEmptyDatabase()
        try await onThread {
            let holder = try PostgresSession(conninfo: conninfo)
            try holder.execute("SELECT pg_advisory_lock(1)")
            let connection = try PostgresConnectionTests.reader(conninfo)
            var counts = [0, 0]
            // Without streaming, the first row would come with the third, which waits for it.
            try connection.run(
                [Query(Self.statement), Query(Self.statement)],
                limit: .after(.seconds(30))
            ) { index, _ throws(PostgresError) in
                if counts == [0, 0] { try holder.execute("SELECT pg_advisory_unlock(1)") }
                counts[index] += 1
            }
            #expect(counts == [3, 3])
        }
    }

    @Test func aSessionThatEndsBetweenThemIsAnErrorAndNoShortAnswer() async throws {
        let conninfo = try await TemporaryPostgres.makeEmptyDatabase()
        try await onThread {
            let holder = try PostgresSession(conninfo: conninfo)
            try holder.execute("SELECT pg_advisory_lock(1)")
            let connection = try PostgresConnectionTests.reader(conninfo)
            var count = 0
            do throws(PostgresError) {
                try connection.run([Query(Self.statement)], limit: .after(.seconds(30))) {
                    _,
                    _ throws(PostgresError) in
                    count += 1
                    guard count == 1 else { return }
                    try holder.execute("SELECT pg_terminate_backend(\(connection.backendID))")
                }
                Issue.record("\(count) rows passed for the whole answer")
            } catch {
                #expect(error.kind == .connectionLost)
                #expect(!connection.isUsable)
            }
            #expect(1...2 ~= count)
        }
    }
}
