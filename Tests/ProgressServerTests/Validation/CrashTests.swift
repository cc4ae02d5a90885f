import FoundationEssentials
import Glibc
import ProgressChain
import ProgressPostgres
import ProgressRPC
import TestSupport
import Testing

@testable import ProgressServer

/// After a crash that loses commits, file ids and transaction numbers are given again, to others.
@Suite("A PostgreSQL that crashes", .requiresPostgres, .timeLimit(.minutes(5)))
struct CrashTests {
    enum Victim: CaseIterable {
        /// The postmaster survives, and with it the time at which it started.
        case backend
        case everything
    }

    /// How often to try until a row has the id and the transaction of one that was lost.
    private static let attemptLimit = 5

    @Test(arguments: Victim.allCases, CurrencyTests.Mode.allCases)
    func aRowThatComesInPlaceOfALostOneIsSeen(
        _ victim: Victim,
        _ mode: CurrencyTests.Mode
    ) async throws {
        let cluster = try await TemporaryPostgres.makeCluster(settings: [
            "synchronous_commit": "off", "wal_writer_delay": "10s", "autovacuum": "off",
            "wal_level": "minimal", "max_wal_senders": "0", "bgwriter_lru_maxpages": "0",
            "checkpoint_timeout": "1h",
        ])
        let database = try await AmpDatabase.make("amp", in: cluster, mode)
        let sample = try await database.addSampleJob(fileCount: 3)
        let (state, copy) = try (StateDirectory(), StateDirectory())
        var configuration = ProgressEngine.Configuration(conninfo: database.conninfo)
        configuration.stateDirectory = state.path
        configuration.archiveInterval = .zero
        configuration.idleInterval = .milliseconds(10)
        let observations = Observations()
        let expected = try await withService(configuration, observe: observations.record) {
            _,
            client -> [String: TableNumbers] in
            for place in Int64(3)..<Int64(3 + Self.attemptLimit) {
                let crash = Crash(
                    cluster: cluster,
                    database: database,
                    revision: sample.blocks,
                    place: place
                )
                try await crash.prepare()
                let lost = try await crash.insert(size: 100)
                // It is held now, and in the archive.
                let held = try await client.numbers(of: sample.job)
                #expect(held["blocks"]?.files == place + 1)
                try await Self.copyArchive(state, to: copy, holding: lost, in: database)
                guard try await crash.happen(to: victim) else { continue }
                let found = try await crash.insert(size: 999)
                let numbers = try await client.numbersOnceConnected(of: sample.job)
                let rowBytes = try await database.number(
                    "SELECT sum(object_size)::bigint FROM file_metadata WHERE location_id = $1",
                    [.int64(sample.blocks)]
                )
                #expect(numbers["blocks"] == TableNumbers(place + 1, bytes: rowBytes))
                #expect(numbers["logs"] == TableNumbers(3))
                if found == lost { return numbers }
            }
            Issue.record("no row came in place of a lost one")
            return [:]
        }
        #expect(observations.flushReasons.contains { $0.contains("started anew") })
        configuration.stateDirectory = copy.path
        let later = Observations()
        try await withService(configuration, observe: later.record) { engine, client in
            let numbers = try await client.numbers(of: sample.job)
            #expect(numbers == expected)
            #expect(engine.counts.restoredCount == 0)
        }
        #expect(later.archiveComplaints.count == 1, "\(later.archiveComplaints)")
    }

    /// Waits until the archive has a row, and copies it.
    private static func copyArchive(
        _ state: StateDirectory,
        to copy: StateDirectory,
        holding row: Crash.Row,
        in database: AmpDatabase
    ) async throws {
        let present = ArchiveIdentity(
            try await database.identity(),
            xmax: UInt64(row.transaction) + 1_000
        )
        let isArchived = try await eventually {
            guard let bytes = try? Data(contentsOf: URL(filePath: state.archivePath)) else {
                return false
            }
            try bytes.write(to: URL(filePath: copy.archivePath))
            chmod(copy.archivePath, 0o600)
            var rows: [Crash.Row] = []
            let archive = try ArchiveStore(directory: copy.path, byteLimit: 1 << 20)
            _ = try archive.read(for: present, names: NetworkNames()) { _, files in
                rows += files.map {
                    Crash.Row(
                        id: $0.segment.id.rawValue,
                        transaction: Int64($0.rowVersion.rawValue)
                    )
                }
            }
            return rows.contains(row)
        }
        #expect(isArchived)
    }
}

/// A crash that loses what was committed since ``prepare()``.
private struct Crash: Sendable {
    let cluster: TemporaryCluster
    let database: AmpDatabase
    let revision: Int64
    /// Of the file that is lost, in its chain.
    let place: Int64

    struct Row: Equatable {
        var id: Int64
        var transaction: Int64
    }

    /// Makes all that was so far last, and nothing from here on.
    func prepare() async throws {
        try await self.database.execute("CHECKPOINT")
        for process in try await self.processes("backend_type = 'walwriter'") {
            #expect(kill(process, SIGSTOP) == 0)
        }
    }

    /// Adds the file, in one transaction.
    func insert(size: Int64) async throws -> Row {
        let name = "location_id = \(self.revision) AND object_size = \(size)"
        try await self.database.execute(
            AmpDatabase.chainScript(self.place..<self.place + 1, of: self.revision)
                + """
                ; UPDATE file_metadata SET object_size = \(size)
                   WHERE id = (SELECT max(id) FROM file_metadata)
                """
        )
        return Row(
            id: try await self.database.number(
                "SELECT max(id) FROM file_metadata WHERE \(name)"
            ),
            transaction: try await self.database.number(
                """
                SELECT xmin::text::bigint FROM file_metadata
                 WHERE id = (SELECT max(id) FROM file_metadata)
                """
            )
        )
    }

    /// Crashes PostgreSQL and waits until it is back.
    ///
    /// - Returns: Whether the file is lost.
    func happen(to victim: CrashTests.Victim) async throws -> Bool {
        let start = try await self.startTime()
        switch victim {
        case .backend:
            let backends = try await self.processes(
                "application_name = 'progress-server' OR backend_type = 'walwriter'"
            )
            #expect(backends.count >= 2)
            for process in backends { kill(process, SIGKILL) }
        case .everything:
            try await onThread {
                self.cluster.crash()
                try self.cluster.start()
            }
        }
        let files = "SELECT count(*) FROM file_metadata WHERE location_id = \(self.revision)"
        var count: Int64?
        _ = try await eventually {
            count = try? await self.database.number(files)
            return count != nil
        }
        let isSameStart = try await self.startTime() == start
        #expect(isSameStart == (victim == .backend))
        return count == self.place
    }

    private func startTime() async throws -> Int64 {
        try await self.database.number(
            "SELECT (extract(epoch FROM pg_postmaster_start_time()) * 1000000)::bigint"
        )
    }

    private func processes(_ condition: String) async throws -> [Int32] {
        try await self.database.write { session in
            var processes: [Int32] = []
            try session.query(
                "SELECT pid::bigint FROM pg_stat_activity WHERE \(condition)"
            ) { row throws(PostgresError) in
                processes.append(Int32(truncatingIfNeeded: try row.int64(0)))
            }
            return processes
        }
    }
}
