import FoundationEssentials
import Glibc
import ProgressPostgres
import Synchronization

/// A PostgreSQL server of our own, for demos and tests: one directory, one Unix socket, no network.
///
/// It trades durability for speed, ends when its owner ends, however that happens, and refuses a
/// second owner. When we are root it runs as an unprivileged user (``UnprivilegedUser``).
package final class PrivateCluster: Sendable {
    /// What and where to start.
    package struct Configuration: Sendable {
        /// Holds the data, the log and the lock; created if absent, kept at the end.
        package var directory: String
        /// Holds the socket.
        ///
        /// `nil`: `run` inside of `directory` if the path is short enough, else a directory of our
        /// own under `/tmp` that is removed at the end.
        package var socketDirectory: String?
        /// Further settings, such as `["max_connections": "20"]`.
        package var settings: [String: String] = [:]
        /// A libpq connection string of a cluster to be copied and followed, as a standby, if there is
        /// no data yet; `nil`: the data begins empty.
        package var primary: String?
        /// How long to wait for the first connection.
        package var startTimeout: Duration = .seconds(30)

        package init(directory: String) { self.directory = directory }
    }

    package let installation: PostgresInstallation
    /// The log that PostgreSQL writes.
    package let logPath: String
    private let socketDirectory: String
    private let removesSocketDirectory: Bool
    private let lock: DirectoryLock
    private let process: ServerProcess

    /// Starts PostgreSQL, creating its data first if there is none; blocks until it answers.
    ///
    /// - Throws: ``PrivatePostgresError``, with the last lines of the log if PostgreSQL did not start.
    package init(
        _ configuration: Configuration,
        installation: PostgresInstallation
    ) throws(PrivatePostgresError) {
        let user = try UnprivilegedUser.needed()
        let directory = configuration.directory
        try createDirectory(directory, mode: 0o700, owner: user)
        self.lock = try DirectoryLock(path: "\(directory)/lock")
        (self.socketDirectory, self.removesSocketDirectory) = try Self.makeSocketDirectory(
            configuration,
            owner: user
        )
        self.installation = installation
        self.logPath = "\(directory)/postgres.log"
        let data = "\(directory)/data"
        if access("\(data)/PG_VERSION", F_OK) != 0 {
            try Self.initialize(data, configuration, with: installation, as: user)
        }
        self.process = try ServerProcess(
            Self.arguments(data, self.socketDirectory, configuration, installation, user),
            directory: directory,
            logPath: self.logPath
        )
        do throws(PrivatePostgresError) {
            try self.waitUntilReady(timeout: configuration.startTimeout)
        } catch {
            self.stop()
            throw error
        }
    }

    deinit { self.stop() }

    /// A libpq connection string, as the owner of everything in the cluster.
    package func conninfo(database: String = "postgres") -> String {
        "host='\(self.socketDirectory)' user=progress dbname='\(database)'"
    }

    /// The process id of PostgreSQL's first process.
    package var processID: Int32 { self.process.processID }

    /// Ends PostgreSQL and waits for it: fast, then at once, then by force.
    ///
    /// Does nothing the second time.
    package func stop() {
        self.process.stop()
        if self.removesSocketDirectory { rmdir(self.socketDirectory) }
        self.lock.release()
    }

    private func waitUntilReady(timeout: Duration) throws(PrivatePostgresError) {
        let deadline = ContinuousClock.now.advanced(by: timeout)
        var pause = Duration.milliseconds(50)
        while true {
            do throws(PostgresError) {
                _ = try PostgresSession(conninfo: self.conninfo(), timeout: .seconds(5))
                return
            } catch {
                guard self.process.isRunning, deadline > .now else {
                    let reason = self.process.isRunning ? "does not answer: \(error)" : "ended"
                    throw PrivatePostgresError(
                        "PostgreSQL \(reason); the end of \(self.logPath): \(self.lastLogLines())"
                    )
                }
            }
            self.process.waitForEnd(atMost: pause)
            pause = min(pause * 2, .seconds(2))
        }
    }

    private func lastLogLines() -> String {
        let log = (try? String(contentsOfFile: self.logPath, encoding: .utf8)) ?? ""
        return log.split(separator: "\n").suffix(5).joined(separator: "; ")
    }
}
