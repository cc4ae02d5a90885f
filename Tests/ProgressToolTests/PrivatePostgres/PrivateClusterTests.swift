import FoundationEssentials
import Glibc
import PrivatePostgres
import ProgressPostgres
import TestSupport
import Testing

@Suite("A private cluster", .requiresPostgres, .timeLimit(.minutes(2)))
struct PrivateClusterTests {
    @Test func itAnswersAndKeepsItsDataAcrossARestart() async throws {
        try await onThread {
            let directory = try TemporaryDirectory()
            let installation = try PostgresInstallation.find()
            let configuration = PrivateCluster.Configuration(directory: "\(directory.path)/pg")
            let first = try PrivateCluster(configuration, installation: installation)
            try PostgresSession(conninfo: first.conninfo()).execute("CREATE TABLE kept (n int)")
            first.stop()
            let second = try PrivateCluster(configuration, installation: installation)
            let count = try PostgresSession(conninfo: second.conninfo())
                .int64("SELECT count(*) FROM kept")
            #expect(count == 0)
        }
    }

    @Test func aSecondOwnerIsToldOfTheFirst() async throws {
        try await onThread {
            let directory = try TemporaryDirectory()
            let installation = try PostgresInstallation.find()
            let configuration = PrivateCluster.Configuration(directory: "\(directory.path)/pg")
            let first = try PrivateCluster(configuration, installation: installation)
            do throws(PrivatePostgresError) {
                _ = try PrivateCluster(configuration, installation: installation)
                Issue.record("a second owner was admitted")
            } catch {
                #expect(error.description.contains("in use by process \(getpid())"))
            }
            first.stop()
        }
    }

    @Test func aClusterThatWasKilledStartsAgain() async throws {
        try await onThread {
            let directory = try TemporaryDirectory()
            let installation = try PostgresInstallation.find()
            let configuration = PrivateCluster.Configuration(directory: "\(directory.path)/pg")
            var cluster: PrivateCluster? = try PrivateCluster(
                configuration,
                installation: installation
            )
            // Leaves postmaster.pid and the socket behind, as a crash does.
            kill(try #require(cluster?.processID), SIGKILL)
            cluster = nil
            let again = try PrivateCluster(configuration, installation: installation)
            #expect(try PostgresSession(conninfo: again.conninfo()).int64("SELECT 1::bigint") == 1)
        }
    }

    @Test func itEndsWithItsOwnerHoweverThatEnds() async throws {
        let directory = try TemporaryDirectory()
        let path = directory.path
        await #expect(processExitsWith: .signal(SIGKILL)) { [path = path as String] in
            let cluster = try PrivateCluster(
                .init(directory: "\(path)/pg"),
                installation: try PostgresInstallation.find()
            )
            try "\(cluster.processID)".write(
                toFile: "\(path)/pid",
                atomically: true,
                encoding: .utf8
            )
            kill(getpid(), SIGKILL)
            cluster.stop()
        }
        let process = try #require(
            pid_t(try String(contentsOfFile: "\(path)/pid", encoding: .utf8))
        )
        let deadline = ContinuousClock.now.advanced(by: .seconds(20))
        while self.isRunning(process), deadline > .now { await Task.yield() }
        #expect(!self.isRunning(process))
    }

    @Test func aStopEndsTheProcess() async throws {
        try await onThread {
            let directory = try TemporaryDirectory()
            let cluster = try PrivateCluster(
                .init(directory: "\(directory.path)/pg"),
                installation: try PostgresInstallation.find()
            )
            let process = cluster.processID
            #expect(kill(process, 0) == 0)
            cluster.stop()
            #expect(kill(process, 0) == -1)
            cluster.stop()
        }
    }

    @Test func aDirectoryWithALongPathHasItsSocketElsewhere() async throws {
        try await onThread {
            let directory = try TemporaryDirectory()
            let long = String(repeating: "x", count: 100)
            let cluster = try PrivateCluster(
                .init(directory: "\(directory.path)/\(long)"),
                installation: try PostgresInstallation.find()
            )
            #expect(cluster.conninfo().utf8.count < 120)
            #expect(try PostgresSession(conninfo: cluster.conninfo()).isUsable)
        }
    }

    @Test func aSocketDirectoryThatIsTooLongIsNamedWithTheLimit() async throws {
        try await onThread {
            let directory = try TemporaryDirectory()
            var configuration = PrivateCluster.Configuration(directory: "\(directory.path)/pg")
            configuration.socketDirectory = "/tmp/" + String(repeating: "x", count: 100)
            do throws(PrivatePostgresError) {
                _ = try PrivateCluster(configuration, installation: try PostgresInstallation.find())
                Issue.record("the path was accepted")
            } catch {
                #expect(error.description.contains("the limit is 107"))
            }
        }
    }

    @Test(.enabled(if: geteuid() == 0, "only root may give directories away"))
    func aDirectoryThatHoldsSomethingElseIsLeftAlone() async throws {
        try await onThread {
            let directory = try TemporaryDirectory()
            do throws(PrivatePostgresError) {
                _ = try PrivateCluster(
                    .init(directory: directory.path),
                    installation: try PostgresInstallation.find()
                )
                Issue.record("the directory was taken")
            } catch {
                #expect(error.description.contains("belongs to another user"))
            }
            var status = stat()
            #expect(stat(directory.path, &status) == 0 && status.st_uid == 0)
        }
    }

    @Test func aSettingThatPostgresRefusesShowsTheEndOfTheLog() async throws {
        try await onThread {
            let directory = try TemporaryDirectory()
            var configuration = PrivateCluster.Configuration(directory: "\(directory.path)/pg")
            configuration.settings = ["max_connections": "none"]
            do throws(PrivatePostgresError) {
                _ = try PrivateCluster(configuration, installation: try PostgresInstallation.find())
                Issue.record("the setting was accepted")
            } catch {
                #expect(error.description.contains("max_connections"))
            }
        }
    }

    @Test func withoutBinariesTheErrorTellsWhatToInstall() {
        do throws(PrivatePostgresError) {
            let found = try PostgresInstallation.find(
                environment: ["PROGRESS_PG_BINDIR": "/nonexistent"])
            Issue.record("found \(found)")
        } catch {
            #expect(error.description.contains("'/nonexistent'"))
        }
    }

    /// A process that ended and that nobody waited for has no command line any more.
    private func isRunning(_ process: pid_t) -> Bool {
        let file = open("/proc/\(process)/cmdline", O_RDONLY)
        guard file >= 0 else { return false }
        defer { close(file) }
        var byte: UInt8 = 0
        return read(file, &byte, 1) == 1
    }

    /// Blocking calls have no place on the pool that runs the tests.
    private func onThread(_ body: @escaping @Sendable () throws -> Void) async throws {
        try await DedicatedThread.run(named: "test", body)
    }
}
