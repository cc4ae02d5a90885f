import Glibc
import ProgressPostgres
import ProgressRPC
import Synchronization
import TestSupport

@testable import ProgressServer

/// A job that writes two tables.
struct SampleJob: Sendable {
    var job: Int64
    /// The revision of table `blocks`.
    var blocks: Int64
    /// The revision of table `logs`.
    var logs: Int64
}

extension AmpDatabase {
    /// An empty database in a cluster, with change tracking if it is to be kept current by the log.
    static func make(
        _ name: String,
        in cluster: TemporaryCluster,
        _ mode: CurrencyTests.Mode
    ) async throws -> Self {
        let database = try await onThread {
            Self(conninfo: try cluster.makeDatabase(named: name))
        }
        if mode == .log { _ = try await database.track(.install(readers: [])) }
        return database
    }

    /// Which life of which database this is.
    func identity() async throws -> DatabaseIdentity {
        try await onThread {
            let connection = try PostgresConnection(
                conninfo: self.conninfo,
                settings: .reader(applicationName: "progress-test"),
                limit: .after(.seconds(10)),
                canceller: StatementCanceller(limit: 1)
            )
            return try connection.readIdentity(limit: .after(.seconds(10))).0
        }
    }

    /// Adds a job with tables `blocks` and `logs` of so many linked files.
    func addSampleJob(fileCount: Int64) async throws -> SampleJob {
        let job = try await self.addJob()
        let blocks = try await self.addTable("blocks", job: job)
        let logs = try await self.addTable("logs", job: job)
        for revision in [blocks, logs] { try await self.addChain(of: fileCount, to: revision) }
        return SampleJob(job: job, blocks: blocks, logs: logs)
    }
}

/// What a table is known to have: the canonical files and their bytes.
struct TableNumbers: Equatable, Sendable {
    var files: Int64
    var bytes: Int64

    init(_ files: Int64, bytes: Int64? = nil) {
        self.files = files
        self.bytes = bytes ?? files * 100
    }
}

extension ProgressClient {
    /// The numbers of a job's tables, by name.
    func numbers(of job: Int64) async throws -> [String: TableNumbers] {
        let progress = try await self.jobProgress(job)
        let tables = (progress?.tables ?? []).map { table in
            (table.name, TableNumbers(table.filesCount, bytes: table.totalSizeBytes))
        }
        return Dictionary(tables) { first, _ in first }
    }

    /// The numbers once the server has a session again: the first that it gives.
    func numbersOnceConnected(of job: Int64) async throws -> [String: TableNumbers] {
        var numbers: [String: TableNumbers] = [:]
        _ = try await eventually {
            do {
                numbers = try await self.numbers(of: job)
                return true
            } catch let error as RPCError where error.code == .unavailable {
                return false
            }
        }
        return numbers
    }
}

extension ProgressEngine {
    var counts: ValidationStatistics { self.context.statistics.withLock { $0 } }
}

extension Observations {
    /// Why archives were not used.
    var archiveComplaints: [String] {
        self.all.compactMap { if case .archiveUnusable(let reason) = $0 { reason } else { nil } }
    }

    var flushReasons: [String] {
        self.all.compactMap { if case .cacheFlushed(let reason) = $0 { reason } else { nil } }
    }

    /// How often the server connected.
    var connectionCount: Int {
        self.all.count { if case .databaseConnected = $0 { true } else { false } }
    }
}

/// A directory for a server's state.
struct StateDirectory: Sendable {
    private let directory: TemporaryDirectory
    var path: String { self.directory.path }
    var archivePath: String { "\(self.path)/\(ArchiveStore.fileName)" }

    init() throws { self.directory = try TemporaryDirectory() }

    /// Which writing the archive is of; `nil`: there is none.
    var archiveMark: String? {
        var status = stat()
        guard stat(self.archivePath, &status) == 0 else { return nil }
        return "\(status.st_ino) \(status.st_mtim.tv_sec) \(status.st_mtim.tv_nsec)"
    }

    /// Waits until the server that had it has let go of it.
    func waitUntilFree() async throws -> Bool {
        try await eventually {
            let descriptor = open(self.path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
            defer { close(descriptor) }
            return flock(descriptor, LOCK_EX | LOCK_NB) == 0
        }
    }
}
