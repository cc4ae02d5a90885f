import Glibc
import PrivatePostgres
import ProgressPostgres
import Synchronization

/// Databases for tests, in one private cluster per test process.
///
/// The cluster starts at first use and ends with the process, however that ends. Its directory is
/// removed then, or by the next test run if the process crashed.
package enum TemporaryPostgres {
    private static let shared = Mutex<Result<TemporaryCluster, PrivatePostgresError>?>(nil)
    private static let databaseCount = Atomic(0)

    /// Why no test can have a database, or `nil` if each can.
    package static let reasonForAbsence: String? = {
        do throws(PrivatePostgresError) {
            _ = try PostgresInstallation.find()
            return nil
        } catch {
            return error.description
        }
    }()

    /// Creates a database with Amp's current tables, for one test; dropped with the cluster.
    ///
    /// - Returns: A libpq connection string.
    package static func makeDatabase() async throws -> String {
        try await self.makeDatabase(template: TemporaryCluster.templateDatabase)
    }

    /// Creates a database without any tables.
    package static func makeEmptyDatabase() async throws -> String {
        try await self.makeDatabase(template: "template0")
    }

    /// Starts a cluster for one test alone, which may stop it, start it again and kill its sessions.
    package static func makeCluster(
        settings: [String: String] = [:]
    ) async throws -> TemporaryCluster {
        try await DedicatedThread.run(named: "test-cluster") {
            try TemporaryCluster(settings: settings)
        }
    }

    private static func makeDatabase(template: String) async throws -> String {
        let number = self.databaseCount.wrappingAdd(1, ordering: .relaxed).newValue
        return try await DedicatedThread.run(named: "test-database") {
            let cluster = try self.sharedCluster()
            return try cluster.makeDatabase(named: "test_\(number)", template: template)
        }
    }

    /// Under the lock on purpose: the first test starts the cluster, the others wait for it.
    private static func sharedCluster() throws -> TemporaryCluster {
        try self.shared.withLock { shared in
            if let shared { return try shared.get() }
            let started = Result { () throws(PrivatePostgresError) in
                try TemporaryCluster(settings: ["max_connections": "200"])
            }
            shared = started
            if case .success = started { atexit { TemporaryPostgres.stopSharedCluster() } }
            return try started.get()
        }
    }

    private static func stopSharedCluster() {
        let cluster = self.shared.withLock { shared in
            defer { shared = nil }
            return try? shared?.get()
        }
        cluster?.remove()
    }
}
