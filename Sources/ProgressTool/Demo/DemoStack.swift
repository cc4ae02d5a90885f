import Glibc
import PrivatePostgres
import ProgressPostgres
import ProgressTokens
import Synchronization

/// The programs of the demo: PostgreSQL, server, worker and gateway.
final class DemoStack: Sendable {
    let directory: DemoDirectory
    private let programs: ProgramFiles
    private let wantedAddress: ListenAddress
    let console: Console
    private let state = Mutex(State())

    private struct State {
        var cluster: PrivateCluster?
        /// In the order of their start.
        var processes: [DemoProcess] = []
        var jobs: [DemoDatabase.Job] = []
        var address: ListenAddress?
        var token = ""
    }

    init(
        directory: DemoDirectory,
        programs: ProgramFiles,
        address: ListenAddress,
        console: Console
    ) {
        self.directory = directory
        self.programs = programs
        self.wantedAddress = address
        self.console = console
    }

    /// Starts everything and waits until a request is answered.
    ///
    /// What was started before an error or a cancellation runs on until ``stop()``.
    ///
    /// - Parameter onEnd: Called when a program has ended, whatever the reason.
    func start(onEnd: @escaping @Sendable (DemoProcess) -> Void) async throws {
        self.console.write("data       \(self.directory.path)")
        let conninfo = try await self.startPostgres()
        let jobs = try await self.fillDatabase(conninfo)
        try await self.installTracking(conninfo)

        let server = try await self.startProgram(
            "progress-server",
            [self.programs.server, "--socket", self.directory.socket, "--database", conninfo],
            onEnd
        )
        try await self.waitForSocket(of: server)
        self.line("server", self.directory.socket, server)

        let worker = try await self.startProgram(
            "worker",
            [
                self.programs.tool, "worker", "simulate", "--database", conninfo, "--job",
                "\(jobs[0].id)", "--seed", "\(UInt64.random(in: 1...UInt64.max))",
            ],
            onEnd
        )
        self.line("worker", "adds 2 files a second to job \(jobs[0].id)", worker)

        let token = try self.createToken()
        let address = try self.wantedAddress.firstFree()
        if address != self.wantedAddress {
            self.console.write("port \(self.wantedAddress.port) is taken; using \(address.port)")
        }
        let gateway = try await self.startProgram(
            "progress-gateway",
            [
                self.programs.gateway, "--socket", self.directory.socket, "--listen", address.text,
                "--tokens", self.directory.tokens,
            ],
            onEnd
        )
        self.state.withLock { ($0.jobs, $0.token, $0.address) = (jobs, token, address) }
        try await self.waitForAnswer(about: jobs[0].id, from: address, with: token, gateway)
        self.line("gateway", address.url, gateway)
    }

    /// Prints what there is to see.
    func announce() {
        let (jobs, token, address) = self.state.withLock { ($0.jobs, $0.token, $0.address) }
        guard let address, let live = jobs.first else { return }
        self.console.write(
            """
            token      \(token)  (this run's; it may read everything)

            \(table(header: ["JOB", "DATASET", ""], rows: jobs.map { ["\($0.id)", $0.dataset, $0.summary] }))

            Open in a browser, and give it the token:

              \(address.url)/
              \(address.url)/ui/jobs/\(live.id)

            Try, in another terminal:

              curl -s -H 'Authorization: Bearer \(token)' \(address.url)/jobs/\(live.id)/progress

            Ctrl-C ends all of it and keeps the data; --reset starts afresh.
            """
        )
    }

    /// Ends everything, the last started first, and waits for it.
    func stop() async {
        let (cluster, processes) = self.state.withLock { ($0.cluster, $0.processes) }
        try? await DedicatedThread.run(named: "demo-stop") {
            for process in processes.reversed() { process.stop() }
            cluster?.stop()
        }
    }

    private func startPostgres() async throws -> String {
        let directory = self.directory
        let cluster = try await DedicatedThread.run(named: "demo-postgres") {
            do {
                let installation = try PostgresInstallation.find()
                return try PrivateCluster(
                    PrivateCluster.Configuration(directory: directory.cluster),
                    installation: installation
                )
            } catch {
                throw ToolError(
                    .failure,
                    "PostgreSQL did not start: \(error)",
                    remedy: geteuid() == 0
                        ? "as root it runs as another user, who must be able to enter "
                            + "'\(directory.path)'; --data names another directory" : nil
                )
            }
        }
        self.state.withLock { $0.cluster = cluster }
        try Task.checkCancellation()
        self.console.write(
            "postgres   version \(cluster.installation.majorVersion), private, no network "
                + "(process \(cluster.processID))"
        )
        return cluster.conninfo()
    }

    private func fillDatabase(_ conninfo: String) async throws -> [DemoDatabase.Job] {
        let (jobs, fileCount) = try await DedicatedThread.run(named: "demo-sample") {
            let session = try PostgresSession(conninfo: conninfo)
            return try DemoDatabase.prepare(session, sample: try SampleJob.all())
        }
        try Task.checkCancellation()
        self.console.write("sample     \(jobs.count) jobs, \(fileCount) files")
        return jobs
    }

    /// Lets the database log its changes, as an operator would.
    private func installTracking(_ conninfo: String) async throws {
        let installer = try await DemoProcess.start(
            name: "tracking",
            arguments: [self.programs.server, "tracking", "install", "--database", conninfo],
            logPath: self.directory.log(of: "tracking"),
            onEnd: { _ in }
        )
        try await DedicatedThread.run(named: "demo-tracking") {
            _ = installer.end.wait(atMost: .seconds(20))
        }
        guard installer.status == 0 else {
            installer.stop()
            throw ProgramFailure(process: installer, patience: nil)
        }
        try Task.checkCancellation()
    }

    private func startProgram(
        _ name: String,
        _ arguments: [String],
        _ onEnd: @escaping @Sendable (DemoProcess) -> Void
    ) async throws -> DemoProcess {
        let process = try await DemoProcess.start(
            name: name,
            arguments: arguments,
            logPath: self.directory.log(of: name),
            onEnd: onEnd
        )
        self.state.withLock { $0.processes.append(process) }
        try Task.checkCancellation()
        return process
    }

    private func createToken() throws(ToolError) -> String {
        // A secret is kept nowhere, so each run has a token of its own.
        unlink(self.directory.tokens)
        let store = TokenFileStore(path: self.directory.tokens)
        return try onTokenFile { () throws(TokenFileError) in
            try store.create(name: "demo", scopes: [.jobs, .details], notAfter: nil).secret
        }
    }

    private func line(_ name: String, _ text: String, _ process: DemoProcess) {
        let padding = String(repeating: " ", count: max(1, 11 - name.count))
        self.console.write("\(name)\(padding)\(text)  (process \(process.processID))")
    }
}
