import ProgressPostgres
import TestSupport

@testable import ProgressServer

extension AmpDatabase {
    /// An empty database with tracking, two jobs, three revisions and three files, whose numbers count from 1.
    ///
    /// Job 1 writes revisions 1 and 2; revision 1 is active and has files 1 and 2, revision 2 has file 3.
    static func makeTracked() async throws -> Self {
        let database = try await Self.make()
        try await database.execute(
            """
            INSERT INTO workers (node_id, heartbeat_at) VALUES ('n', now());
            INSERT INTO jobs (node_id, idempotency_key) VALUES ('n', 'a'), ('n', 'b');
            INSERT INTO jobs_status (job_id, node_id, status) VALUES (1, 'n', 'R'), (2, 'n', 'R');
            INSERT INTO physical_table_revisions (path, writer) VALUES ('p', 1), ('q', 1), ('r', NULL);
            INSERT INTO physical_tables
                (dataset_namespace, dataset_name, table_name, manifest_hash, active_revision_id)
                VALUES ('eth', 'main', 'blocks', 'h', 1), ('eth', 'main', 'logs', 'h', NULL);
            INSERT INTO file_metadata (location_id, file_name, url, metadata)
                VALUES (1, 'a', 'u', '{}'), (1, 'b', 'u', '{}'), (2, 'c', 'u', '{}');
            """
        )
        _ = try await database.track(.install(readers: []))
        return database
    }

    /// Runs `progress-server tracking`.
    func track(
        _ action: TrackingCommand.Action,
        locking: TableLocking = TableLocking(),
        pruner: TrackingPruner = TrackingPruner()
    ) async throws -> String {
        var command = TrackingCommand(action: action, conninfo: self.conninfo)
        command.locking = locking
        command.pruner = pruner
        return try await command.run()
    }

    /// Why `progress-server tracking` fails, or what it says if it does not.
    func complaint(
        about action: TrackingCommand.Action,
        locking: TableLocking = TableLocking()
    ) async -> String {
        do {
            return "no error: " + (try await self.track(action, locking: locking))
        } catch {
            return "\(error)"
        }
    }

    func trackingCatalog() async throws -> TrackingCatalog {
        try await DedicatedThread.run(named: "test-reader") {
            try self.reader().trackingCatalog(limit: .after(.seconds(30)))
        }
    }

    /// Whether the catalog is as it was, as a server asks for it.
    func isUnchanged(since known: TrackingCatalog) async throws -> Bool {
        try await self.write { session in
            try session.strings("SELECT (\(known.isUnchangedExpression))::text") == ["true"]
        }
    }

    /// The log rows, as `kind key {ids}`, without ids `kind key`; with many ids, how many there are.
    static let logRows = """
        SELECT kind::text || ' ' || key || CASE
               WHEN ids IS NULL THEN ''
               WHEN cardinality(ids) > 9 THEN ' #' || cardinality(ids)
               ELSE ' ' || (SELECT pg_catalog.array_agg(i ORDER BY i) FROM unnest(ids) AS i)::text END
          FROM progress.log ORDER BY 1
        """

    /// The log, as ``logRows`` shows it.
    func logged() async throws -> [String?] {
        try await self.write { try $0.strings(Self.logRows) }
    }

    /// The number that a statement gives.
    func number(_ sql: String, _ parameters: [Parameter] = []) async throws -> Int64 {
        try await self.write { try $0.int64(sql, parameters) }
    }

    private func reader() throws -> PostgresConnection {
        try PostgresConnection(
            conninfo: self.conninfo,
            settings: .reader(applicationName: "progress-server"),
            limit: .after(.seconds(10)),
            canceller: StatementCanceller(limit: 1)
        )
    }
}
