import ProgressPostgres
import Synchronization
import TestSupport
import Testing

@Suite(.requiresPostgres, .timeLimit(.minutes(2)))
struct PostgresConnectionTests {
    static func reader(
        _ conninfo: String,
        wakeUp: WakeUp? = nil
    ) throws(PostgresError) -> PostgresConnection {
        try PostgresConnection(
            conninfo: conninfo,
            settings: .reader(applicationName: "progress-test"),
            limit: .after(.seconds(10)),
            wakeUp: wakeUp,
            canceller: StatementCanceller()
        )
    }

    @Test func valuesOfEachTypeAreReadAsTheyWereWritten() async throws {
        let conninfo = try await TemporaryPostgres.makeEmptyDatabase()
        try await onThread {
            let session = try PostgresSession(conninfo: conninfo)
            try session.execute("CREATE TABLE t (n bigint, s text, b boolean)")
            for number in [Int64.min, -7, 0, .max] {
                try session.execute(
                    "INSERT INTO t VALUES ($1, $2, true)",
                    [.int64(number), .text("é \(number)")]
                )
            }
            try session.execute("INSERT INTO t VALUES ($1, $2, false)", [.null, .null])
            var rows: [String] = []
            try session.query("SELECT n, s, b FROM t ORDER BY n NULLS LAST") {
                row throws(PostgresError) in
                let number = try row.int64IfPresent(0).map(String.init) ?? "-"
                rows.append("\(number) \(row.stringIfPresent(1) ?? "-") \(try row.bool(2))")
            }
            let numbers = [Int64.min, -7, 0, .max].map { "\($0) é \($0) true" }
            #expect(rows == numbers + ["- - false"])
        }
    }

    @Test(arguments: [[], [7], [Int64.min, 0, .max]])
    func arraysAreParameters(_ numbers: [Int64]) async throws {
        let conninfo = try await TemporaryPostgres.makeEmptyDatabase()
        try await onThread {
            let session = try PostgresSession(conninfo: conninfo)
            let texts = numbers.map(String.init)
            let joined = try session.strings(
                "SELECT array_to_string($1::bigint[], ',') || array_to_string($2::text[], ',')",
                [.int64s(numbers), .texts(texts)]
            )
            #expect(joined == [texts.joined(separator: ",") + texts.joined(separator: ",")])
        }
    }

    @Test func aReaderIsSetUpWhateverItsRoleSays() async throws {
        let conninfo = try await TemporaryPostgres.makeEmptyDatabase()
        let settings = try await onThread {
            try PostgresSession(conninfo: conninfo).execute(
                """
                DO $$ BEGIN
                    EXECUTE format('ALTER DATABASE %I SET statement_timeout = 1', current_database());
                    EXECUTE format('ALTER DATABASE %I SET timezone = ''Asia/Tokyo''',
                                   current_database());
                    EXECUTE format('ALTER DATABASE %I SET search_path = evil', current_database());
                    IF current_setting('server_version_num')::int >= 140000 THEN
                        EXECUTE format('ALTER DATABASE %I SET idle_session_timeout = 60000',
                                       current_database());
                    END IF;
                END $$
                """
            )
            let connection = try Self.reader(conninfo)
            var settings: [String] = []
            let names = [
                "TimeZone", "search_path", "default_transaction_read_only", "statement_timeout",
                "lock_timeout", "idle_in_transaction_session_timeout", "plan_cache_mode", "jit",
                "client_encoding", "application_name", "idle_session_timeout",
            ]
            let query = Query(
                Statement(
                    name: "settings",
                    sql:
                        "SELECT coalesce(current_setting(n, true), '0') FROM unnest($1::text[]) WITH ORDINALITY AS x (n, i) ORDER BY i"
                ),
                [.texts(names)]
            )
            try connection.run([query], limit: .after(.seconds(10))) {
                _,
                row throws(PostgresError) in
                settings.append(try row.string(0))
            }
            return settings
        }
        #expect(
            settings == [
                "UTC", "pg_catalog", "on", "30s", "500ms", "30s", "force_generic_plan", "off",
                "UTF8",
                "progress-test", "0",
            ]
        )
    }

    @Test func aReaderCannotWrite() async throws {
        let conninfo = try await TemporaryPostgres.makeEmptyDatabase()
        try await onThread {
            let connection = try Self.reader(conninfo)
            do throws(PostgresError) {
                try connection.run(
                    script: "CREATE TABLE public.t (n int)",
                    limit: .after(.seconds(10))
                )
                Issue.record("a reader wrote")
            } catch {
                #expect(error.state == SQLState(rawValue: "25006"))
                #expect(connection.isUsable)
            }
        }
    }

    @Test func aFailedStatementOfAPipelineIsNamedAndTheSessionLivesOn() async throws {
        let conninfo = try await TemporaryPostgres.makeEmptyDatabase()
        try await onThread {
            let connection = try Self.reader(conninfo)
            let limit = WaitLimit.after(.seconds(10))
            let one = Query(Statement(name: "one", sql: "SELECT 1::bigint"))
            let bad = Query(Statement(name: "bad", sql: "SELECT 1 / $1::bigint"), [.int64(0)])
            let never = Query(Statement(name: "never", sql: "SELECT 3::bigint"))
            var rows: [Int] = []
            do throws(PostgresError) {
                try connection.run([one, bad, never], limit: limit) { index, _ in rows.append(index)
                }
                Issue.record("division by zero is an error")
            } catch {
                #expect(error.statementIndex == 1)
                #expect(error.state == SQLState(rawValue: "22012"))
            }
            #expect(rows == [0])
            try connection.run([never, one], limit: limit) { index, _ in rows.append(index) }
            #expect(rows == [0, 0, 1])
        }
    }

    @Test func aStatementThatCannotBePreparedIsTriedAgainNextTime() async throws {
        let conninfo = try await TemporaryPostgres.makeEmptyDatabase()
        try await onThread {
            let connection = try Self.reader(conninfo)
            let query = Query(Statement(name: "later", sql: "SELECT n FROM public.later"))
            let limit = WaitLimit.after(.seconds(10))
            do throws(PostgresError) {
                try connection.run([query], limit: limit) { _, _ in }
                Issue.record("there is no such table yet")
            } catch {
                #expect(error.state == .undefinedTable)
                #expect(error.statementIndex == 0)
            }
            try PostgresSession(conninfo: conninfo).execute("CREATE TABLE later (n bigint)")
            try connection.run([query], limit: limit) { _, _ in }
        }
    }

    @Test func aLongAnswerArrivesRowByRow() async throws {
        let conninfo = try await TemporaryPostgres.makeEmptyDatabase()
        try await onThread {
            let connection = try Self.reader(conninfo)
            let statement = Statement(
                name: "long",
                sql: "SELECT n, repeat('x', 1000) FROM generate_series(1, 20000::bigint) AS n",
                isStreamed: true
            )
            var sum: Int64 = 0
            try connection.run([Query(statement), Query(statement)], limit: .after(.seconds(60))) {
                _,
                row throws(PostgresError) in sum += try row.int64(0)
            }
            #expect(sum == 20_000 * 20_001)
        }
    }

    @Test func aValueOfAnotherTypeIsAnErrorAndTheRestIsDrained() async throws {
        let conninfo = try await TemporaryPostgres.makeEmptyDatabase()
        try await onThread {
            let session = try PostgresSession(conninfo: conninfo)
            do throws(PostgresError) {
                _ = try session.int64("SELECT n::int FROM generate_series(1, 100) AS n")
                Issue.record("an int is no bigint")
            } catch {
                #expect(error.kind == .invalidValue)
            }
            #expect(try session.int64("SELECT 5::bigint") == 5)
        }
    }

    @Test func aSignalAndACancellationEndAWait() async throws {
        let conninfo = try await TemporaryPostgres.makeEmptyDatabase()
        let wakeUp = try WakeUp()
        let isCancelled = Atomic(false)
        try await onThread {
            let connection = try Self.reader(conninfo, wakeUp: wakeUp)
            let limit = WaitLimit(deadline: .now.advanced(by: .seconds(60))) {
                // The first look is before the wait; the next one after the signal.
                defer { wakeUp.signal() }
                return isCancelled.exchange(true, ordering: .relaxed)
            }
            do throws(PostgresError) {
                try connection.run(script: "SELECT pg_sleep(60)", limit: limit)
                Issue.record("the wait went on")
            } catch {
                #expect(error.kind == .cancelled)
                #expect(!connection.isUsable)
            }
        }
    }

    @Test func connectingEndsAtTheDeadlineEvenIfNobodyAnswers() async throws {
        try await onThread {
            let silent = try SilentSocket()
            let start = ContinuousClock.now
            do throws(PostgresError) {
                _ = try PostgresConnection(
                    conninfo: "host=\(silent.directory) dbname=x connect_timeout=60",
                    settings: .reader(applicationName: "x"),
                    limit: .after(.milliseconds(200)),
                    canceller: StatementCanceller()
                )
                Issue.record("nobody answered")
            } catch {
                #expect(error.kind == .deadlineExceeded)
            }
            #expect(start.duration(to: .now) < .seconds(5))
        }
    }

    @Test func anErrorWhileConnectingHasPostgresOwnCode() async throws {
        let conninfo = try await TemporaryPostgres.makeEmptyDatabase()
        try await onThread {
            do throws(PostgresError) {
                _ = try Self.reader(conninfo + " dbname=nowhere")
                Issue.record("there is no such database")
            } catch {
                #expect(error.kind == .connectionFailed)
                #expect(error.state == .invalidCatalogName)
            }
        }
    }
}

/// Blocking calls have no place on the pool that runs the tests.
func onThread<Value: Sendable>(
    _ body: @escaping @Sendable () throws -> Value
) async throws -> Value {
    try await DedicatedThread.run(named: "test", body)
}
