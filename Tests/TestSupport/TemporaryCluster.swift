import FoundationEssentials
import Glibc
import PrivatePostgres
import ProgressPostgres
import Synchronization

/// A private cluster in a directory of its own, with Amp's tables in a template database.
package final class TemporaryCluster: Sendable {
    /// A database with Amp's current tables and no rows.
    static let templateDatabase = "amp_template"

    private let configuration: PrivateCluster.Configuration
    private let installation: PostgresInstallation
    private let running: Mutex<PrivateCluster?>
    private let directoryLock: TemporaryDirectory

    convenience init(settings: [String: String]) throws(PrivatePostgresError) {
        try self.init(settings, following: nil)
        do throws(PostgresError) {
            try PostgresSession(conninfo: self.conninfo()).execute(
                "CREATE DATABASE \(Self.templateDatabase) TEMPLATE template0"
            )
            try PostgresSession(conninfo: self.conninfo(database: Self.templateDatabase))
                .execute(AmpSchema.currentScript)
        } catch {
            throw PrivatePostgresError("cannot prepare the template database: \(error)")
        }
    }

    private init(
        _ settings: [String: String],
        following primary: String?
    ) throws(PrivatePostgresError) {
        self.directoryLock = try TemporaryDirectory()
        self.installation = try PostgresInstallation.find()
        var configuration = PrivateCluster.Configuration(
            directory: "\(self.directoryLock.path)/pg"
        )
        configuration.settings = settings
        configuration.primary = primary
        self.configuration = configuration
        self.running = Mutex(
            try PrivateCluster(configuration, installation: self.installation)
        )
    }

    /// Copies the cluster and lets the copy follow it, until it can be asked.
    ///
    /// - Parameter settings: Beside those of this cluster.
    package func makeStandby(
        settings: [String: String] = [:]
    ) async throws -> TemporaryCluster {
        try await DedicatedThread.run(named: "test-standby") {
            try TemporaryCluster(
                self.configuration.settings.merging(settings) { $1 },
                following: self.conninfo()
            )
        }
    }

    deinit { self.remove() }

    /// A libpq connection string; valid across ``stop()`` and ``start()``.
    package func conninfo(database: String = "postgres") -> String {
        "host='\(self.configuration.directory)/run' user=progress dbname='\(database)'"
    }

    /// Creates a database with Amp's current tables.
    ///
    /// - Returns: A libpq connection string.
    package func makeDatabase(
        named name: String,
        template: String = TemporaryCluster.templateDatabase
    ) throws -> String {
        let session = try PostgresSession(conninfo: self.conninfo())
        try session.execute("CREATE DATABASE \(name) TEMPLATE \(template)")
        return self.conninfo(database: name)
    }

    /// The process id of PostgreSQL's first process, while it runs.
    package var processID: Int32? { self.running.withLock { $0?.processID } }

    /// Where PostgreSQL keeps its data.
    package var dataDirectory: String { "\(self.configuration.directory)/data" }

    /// Suspends every process of PostgreSQL, until ``thaw()``.
    package func freeze() {
        // The first process first, so that it does not start or miss others meanwhile.
        guard let first = self.processID, kill(first, SIGSTOP) == 0 else { return }
        for child in Self.children(of: first) { kill(child, SIGSTOP) }
    }

    /// Lets the processes go on that ``freeze()`` suspended.
    package func thaw() {
        guard let first = self.processID else { return }
        for child in Self.children(of: first) { kill(child, SIGCONT) }
        kill(first, SIGCONT)
    }

    private static func children(of process: Int32) -> [Int32] {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []
        return names.compactMap(Int32.init).filter { candidate in
            // The parent is the second word behind the name, which is in parentheses.
            let line = try? String(contentsOfFile: "/proc/\(candidate)/stat", encoding: .utf8)
            let words = line?.split(separator: ")").last?.split(separator: " ") ?? []
            return words.count > 1 && Int32(words[1]) == process
        }
    }

    /// Ends every process at once, as a loss of power would, but that the system keeps what was written.
    package func crash() {
        guard let first = self.processID, kill(first, SIGSTOP) == 0 else { return }
        for process in Self.children(of: first) + [first] { kill(process, SIGKILL) }
        self.stop()
    }

    /// Stops PostgreSQL and keeps its data.
    package func stop() {
        let cluster = self.running.withLock { running in
            defer { running = nil }
            return running
        }
        cluster?.stop()
    }

    /// Starts PostgreSQL again, if it is stopped.
    package func start() throws {
        try self.running.withLock { running in
            guard running == nil else { return }
            running = try PrivateCluster(self.configuration, installation: self.installation)
        }
    }

    /// Stops PostgreSQL and removes all that it wrote.
    func remove() {
        self.stop()
        self.directoryLock.remove()
    }
}
