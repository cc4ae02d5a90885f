import ArgumentParser
import PrivatePostgres
import ProgressPostgres
import UnixSignals

/// `worker simulate`.
struct WorkerSimulateCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "simulate",
        abstract: "Writes into an Amp database what a worker would write, for demos and tests.",
        discussion: """
            Appends linked files to every table of a job, in committed transactions, and now and \
            then compacts some or replaces the newest after a reorganisation of the chain. \
            Continues from what the database holds. Never run it on a database that a real Amp uses.
            """
    )

    @Option(help: "A libpq connection string of the database.")
    var database: String

    @Option(
        help: "The job to work on; by default the oldest active one that writes a table.",
        transform: jobNumber
    )
    var job: Int64?

    @Option(help: "Create the job of dataset NAMESPACE/NAME, with three tables, if there is none.")
    var create: String?

    @Option(
        help: "Files a second over all tables, 0.01 to 10000 (default: 2).",
        transform: { text in
            guard let rate = Double(text), 0.01...10_000 ~= rate else {
                throw ArgumentProblem(description: "it must be between 0.01 and 10000")
            }
            return rate
        }
    )
    var rate = 2.0

    @Option(
        help: "Equal seeds make equal choices (default: 1).",
        transform: wholeNumber(in: 0...UInt64.max)
    )
    var seed: UInt64 = 1

    @Option(
        help: "How long to work, such as 30s or 5m; by default until told to stop.",
        transform: timeSpan(in: .seconds(1)...(.seconds(86_400)))
    )
    var duration: Duration?

    @Option(help: "Complete the job at this block.", transform: wholeNumber(in: 0...Int64.max))
    var endBlock: Int64?

    @Option(
        help: """
            A compaction after so many rounds on average; 0: never (default: \
            \(Workload.Pace().roundsPerCompaction)).
            """,
        transform: wholeNumber(in: 0...UInt64(1_000_000))
    )
    var roundsPerCompaction = Workload.Pace().roundsPerCompaction

    @Option(
        help: """
            A reorganisation after so many rounds on average; 0: never (default: \
            \(Workload.Pace().roundsPerReorganisation)).
            """,
        transform: wholeNumber(in: 0...UInt64(1_000_000))
    )
    var roundsPerReorganisation = Workload.Pace().roundsPerReorganisation

    func validate() throws {
        if self.job != nil, self.create != nil {
            throw ValidationError("'--job' and '--create' exclude each other")
        }
    }

    func run() async throws {
        let dataset = try self.create.map(SimulatedDataset.init(parsing:))
        var settings = SimulatedWorker.Settings()
        settings.fileRate = self.rate
        settings.seed = self.seed
        settings.duration = self.duration
        settings.endBlock = self.endBlock
        settings.pace.roundsPerCompaction = self.roundsPerCompaction
        settings.pace.roundsPerReorganisation = self.roundsPerReorganisation

        let stop = try Event()
        let signals = await UnixSignalsSequence(trapping: .sigint, .sigterm)
        let (work, conninfo, console) = (settings, self.database, Console.current)
        try await withThrowingTaskGroup(of: Bool.self) { group in
            group.addTask {
                for await _ in signals { return false }
                return false
            }
            group.addTask { [job = self.job] in
                try await DedicatedThread.run(named: "worker") {
                    try Self.work(
                        conninfo,
                        job,
                        dataset,
                        work,
                        until: stop,
                        reportingTo: console
                    )
                }
                return true
            }
            if try await group.next() == false {
                stop.happen()
                // The worker finishes what it is writing.
                while try await group.next() == false {}
            }
            group.cancelAll()
        }
    }

    private static func work(
        _ conninfo: String,
        _ job: Int64?,
        _ dataset: SimulatedDataset?,
        _ settings: SimulatedWorker.Settings,
        until stop: Event,
        reportingTo console: Console
    ) throws {
        do {
            let session = try PostgresSession(
                conninfo: conninfo,
                settings: .writer(applicationName: "progressctl worker")
            )
            let database = AmpDatabase(session: session)
            let job = try job ?? self.job(in: database, creating: dataset, for: settings)
            console.note("working on job \(job) as \(settings.node)")
            var worker = SimulatedWorker(database: database, job: job, settings: settings)
            try worker.run(until: stop)
            let counts = worker.counts
            console.note(
                "wrote \(counts.appended) files, \(counts.compacted) compactions and "
                    + "\(counts.reorganised) reorganisations"
            )
        } catch let error as PostgresError {
            throw ToolError(postgres: error)
        }
    }

    private static func job(
        in database: AmpDatabase,
        creating dataset: SimulatedDataset?,
        for settings: SimulatedWorker.Settings
    ) throws -> Int64 {
        if let dataset {
            return try database.transaction { () throws(PostgresError) in
                try database.job(
                    writing: dataset,
                    tables: SimulatedDataset.tables,
                    on: settings.node
                )
            }
        }
        guard let job = try database.activeJob() else {
            throw ToolError(
                .notFound,
                "the database holds no active job that writes a table",
                remedy: "create one with --create NAMESPACE/NAME"
            )
        }
        return job
    }
}

extension ToolError {
    /// What a failure of the database means to the one who named the database.
    init(postgres error: PostgresError) {
        switch error.kind {
        case .connectionFailed, .connectionLost, .deadlineExceeded:
            self.init(.unavailable, "the database does not answer: \(error)")
        default:
            self.init(.failure, "the database refused: \(error)")
        }
    }
}
