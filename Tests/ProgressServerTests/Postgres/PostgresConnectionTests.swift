import ProgressPostgres
import Synchronization
import TestSupport
import Testing

@Suite(.requiresPostgres, .timeLimit(.minutes(2)))
struct PostgresConnectionTests {
    @Test func aScriptRunsAndItsRowsAreRead() async throws {
        let conninfo = try await TemporaryPostgres.makeEmptyDatabase()
        try await onThread {
            let session = try PostgresSession(conninfo: conninfo)
            try session.execute("CREATE TABLE t (n bigint, s text, b boolean)")
            try session.execute("INSERT INTO t VALUES ($1, $2, true)", [.int64(-7), .text("é")])
            try session.execute("INSERT INTO t VALUES (NULL, NULL, false)")
            var rows: [String] = []
            try session.query("SELECT n, s, b FROM t ORDER BY n NULLS LAST") {
                row throws(PostgresError) in
                let number = try row.int64IfPresent(0).map(String.init) ?? "-"
                rows.append("\(number) \(row.stringIfPresent(1) ?? "-") \(try row.bool(2))")
            }
            #expect(rows == ["-7 é true", "- - false"])
        }
    }
}

/// Blocking calls have no place on the pool that runs the tests.
func onThread<Value: Sendable>(_ body: @escaping @Sendable () throws -> Value) async throws -> Value
{
    try await DedicatedThread.run(named: "test", body)
}
