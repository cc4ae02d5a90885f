package import ProgressPostgres

/// A database with Amp's tables, and the means to fill it.
///
/// Each method is one committed transaction on a session of its own.
package struct AmpDatabase: Sendable {
    /// A libpq connection string.
    package let conninfo: String

    package init(conninfo: String) { self.conninfo = conninfo }

    /// Creates an empty one of era F, for one test.
    package static func make() async throws -> Self {
        Self(conninfo: try await TemporaryPostgres.makeDatabase())
    }

    /// Runs statements as a writer, on a thread of their own.
    package func write<Value: Sendable>(
        _ body: @escaping @Sendable (PostgresSession) throws -> Value
    ) async throws -> Value {
        try await DedicatedThread.run(named: "test-writer") {
            try body(try PostgresSession(conninfo: self.conninfo))
        }
    }

    /// Runs a script as a writer.
    package func execute(_ script: String) async throws {
        try await self.write { try $0.execute(script) }
    }

    /// Adds a job with its status and, if `dataset` is given as "namespace/name", the event that
    /// scheduled it.
    ///
    /// - Parameter detail: JSON of the event that brought the status; `nil`: there is no such event.
    package func addJob(
        status: String = "RUNNING",
        dataset: String? = "eth/main",
        detail: String? = nil
    ) async throws -> Int64 {
        try await self.write { session in
            try session.transaction { () throws(PostgresError) in
                try session.execute(
                    """
                    INSERT INTO workers (node_id, heartbeat_at) VALUES ('n', now())
                        ON CONFLICT DO NOTHING
                    """
                )
                let key = try session.int64("SELECT count(*) FROM jobs")
                let isCurrent = try session.int64(
                    """
                    SELECT count(*) FROM pg_attribute
                     WHERE attrelid = 'jobs'::regclass AND attname = 'node_id' AND NOT attisdropped
                    """
                )
                let job = try session.int64(
                    isCurrent == 1
                        ? "INSERT INTO jobs (node_id, idempotency_key) VALUES ('n', $1) RETURNING id"
                        : "INSERT INTO jobs (idempotency_key) VALUES ($1) RETURNING id",
                    [.text("key \(key)")]
                )
                try session.execute(
                    "INSERT INTO jobs_status (job_id, node_id, status) VALUES ($1, 'n', $2)",
                    [.int64(job), .text(status)]
                )
                if let dataset {
                    try addEvent("SCHEDULED", Self.descriptor(of: dataset), to: job, in: session)
                }
                if let detail { try addEvent(status.uppercased(), detail, to: job, in: session) }
                return job
            }
        }
    }

    /// Adds a table that a job writes, with an active revision.
    ///
    /// - Returns: The revision.
    package func addTable(
        _ table: String,
        of dataset: String = "eth/main",
        job: Int64?,
        hash: String = "h"
    ) async throws -> Int64 {
        try await self.write { session in
            let count = try session.int64("SELECT count(*) FROM physical_table_revisions")
            let revision = try session.int64(
                "INSERT INTO physical_table_revisions (path, writer) VALUES ($1, $2) RETURNING id",
                [.text("\(dataset)/\(table)/\(count)"), job.map { .int64($0) } ?? .null]
            )
            try insertActivation(revision, as: table, of: dataset, hash: hash, in: session)
            return revision
        }
    }

    /// Makes a revision the active one of one more table.
    package func activate(
        _ revision: Int64,
        as table: String,
        of dataset: String,
        hash: String = "h"
    ) async throws {
        try await self.write { session in
            try insertActivation(revision, as: table, of: dataset, hash: hash, in: session)
        }
    }

    /// Adds a file row as given.
    ///
    /// - Returns: Its number.
    package func addFile(
        _ metadata: String,
        size: Int64? = 100,
        to revision: Int64
    ) async throws -> Int64 {
        try await self.write { session in
            let count = try session.int64("SELECT count(*) FROM file_metadata")
            return try session.int64(
                """
                INSERT INTO file_metadata (location_id, file_name, url, metadata, object_size)
                VALUES ($1, $2, 'file:///', $3::text::jsonb, $4) RETURNING id
                """,
                [
                    .int64(revision), .text("\(count).parquet"), .text(metadata),
                    size.map { .int64($0) } ?? .null,
                ]
            )
        }
    }

    /// Adds `count` linked files of `blocksPerFile` blocks and 100 bytes each, behind those there.
    package func addChain(
        of count: Int64,
        blocksPerFile: Int64 = 10,
        to revision: Int64
    ) async throws {
        try await self.write { session in
            let first = try session.int64(
                "SELECT count(*) FROM file_metadata WHERE location_id = $1",
                [.int64(revision)]
            )
            try session.execute(
                Self.chainScript(first..<first + count, blocksPerFile: blocksPerFile, of: revision)
            )
        }
    }

    private static func descriptor(of dataset: String) -> String {
        let parts = dataset.split(separator: "/")
        return """
            {"kind": "materialize-raw", "dataset_namespace": "\(parts[0])", \
            "dataset_name": "\(parts[1])", "manifest_hash": "h"}
            """
    }

    /// A statement that adds the files of these places in a chain; the hash of a file's last block follows
    /// from its place, so files of neighbouring places link.
    package static func chainScript(
        _ places: Range<Int64>,
        blocksPerFile: Int64 = 10,
        of revision: Int64
    ) -> String {
        """
        INSERT INTO file_metadata (location_id, file_name, url, object_size, metadata)
        SELECT \(revision), lpad(i::text, 9, '0') || '.parquet', 'file:///', 100,
               jsonb_build_object(
                   'table', 't', 'filename', lpad(i::text, 9, '0') || '.parquet',
                   'created_at', jsonb_build_object('secs', 1700000000 + i, 'nanos', 0),
                   'ranges', jsonb_build_array(jsonb_build_object(
                       'numbers', jsonb_build_object(
                           'start', i * \(blocksPerFile), 'end', (i + 1) * \(blocksPerFile) - 1),
                       'network', 'mainnet', 'timestamp', 1600000000 + i,
                       'hash', '0x' || md5('a' || i) || md5('b' || i),
                       'prev_hash', '0x' || md5('a' || i - 1) || md5('b' || i - 1))))
          FROM generate_series(\(places.lowerBound)::bigint, \(places.upperBound - 1)) AS i
        """
    }
}

private func addEvent(
    _ type: String,
    _ detail: String,
    to job: Int64,
    in session: PostgresSession
) throws(PostgresError) {
    try session.execute(
        """
        INSERT INTO job_events (job_id, node_id, event_type, detail)
        VALUES ($1, 'n', $2, $3::text::jsonb)
        """,
        [.int64(job), .text(type), .text(detail)]
    )
}

private func insertActivation(
    _ revision: Int64,
    as table: String,
    of dataset: String,
    hash: String,
    in session: PostgresSession
) throws(PostgresError) {
    let parts = dataset.split(separator: "/").map(String.init)
    try session.execute(
        """
        INSERT INTO physical_tables
            (dataset_namespace, dataset_name, table_name, manifest_hash, active_revision_id)
        VALUES ($1, $2, $3, $4, $5)
        """,
        [.text(parts[0]), .text(parts[1]), .text(table), .text(hash), .int64(revision)]
    )
}
