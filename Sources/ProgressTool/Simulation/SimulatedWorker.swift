import Glibc
import ProgressPostgres

/// Keeps one job of an Amp database moving, until it is told to stop or the job ends.
///
/// Blocks its thread.
struct SimulatedWorker {
    /// How a worker works.
    struct Settings: Sendable {
        /// The name under which it registers.
        var node = "simulated-worker"
        /// Files a second, over all tables.
        var fileRate = 2.0
        var seed: UInt64 = 1
        var pace = Workload.Pace()
        /// The network of tables that have no file yet.
        var network = "mainnet"
        /// How long it works; `nil`: until it is told to stop.
        var duration: Duration?
        /// The last block to write, at which the job is complete; `nil`: no end.
        var endBlock: Int64?
        /// How long replaced files stay before the collector deletes them.
        var collectionDelay = Duration.seconds(20)
    }

    private let database: AmpDatabase
    private let job: Int64
    private let settings: Settings
    /// What has been written, for the person who watches.
    private(set) var counts = Counts()

    /// What a worker has written.
    struct Counts: Equatable, Sendable {
        var appended = 0
        var compacted = 0
        var reorganised = 0
    }

    init(database: AmpDatabase, job: Int64, settings: Settings) {
        self.database = database
        self.job = job
        self.settings = settings
    }

    /// Takes the job up and works on it.
    ///
    /// - Throws: ``ToolError`` if the job cannot be worked on, ``PostgresError`` if the database
    ///   fails; what was committed before stays and is continued by the next worker.
    mutating func run(until stop: Event) throws {
        try self.takeUp()
        var workload = try self.workload()
        let start = ContinuousClock.now
        let interval = Duration.seconds(1) / self.settings.fileRate
        var next = start
        var housekeeping = start
        while !stop.hasHappened {
            let now = ContinuousClock.now
            if let duration = self.settings.duration, now - start >= duration { return }
            if now >= housekeeping {
                guard try self.keepHouse(workload) else { return }
                housekeeping = now.advanced(by: .seconds(1))
            }
            if now >= next {
                guard let action = workload.next(at: .now()) else {
                    throw ToolError(.failure, "job \(self.job) has reached the last block number")
                }
                workload.performed(action, ids: try self.perform(action, workload))
                // Late is late: a pause is not followed by a burst.
                next = max(next.advanced(by: interval), now)
            }
            let wake = min(next, housekeeping)
            stop.wait(atMost: wake - ContinuousClock.now)
        }
    }

    /// Brings the job to RUNNING, by the way of SCHEDULED if it had ended.
    private func takeUp() throws {
        try self.database.beat(node: self.settings.node)
        guard let status = try self.database.status(ofJob: self.job) else {
            throw ToolError(.notFound, "job '\(self.job)' not found")
        }
        switch status {
        case "RUNNING":
            return
        case "STOP_REQUESTED", "STOPPING":
            throw ToolError(.failure, "job \(self.job) is being stopped: its status is \(status)")
        case "SCHEDULED":
            break
        default:
            _ = try self.database.move(job: self.job, from: status, to: "SCHEDULED")
        }
        guard try self.database.move(job: self.job, from: "SCHEDULED", to: "RUNNING") else {
            throw ToolError(.failure, "another worker has taken job \(self.job)")
        }
    }

    private func workload() throws -> Workload {
        let tables = try self.database.tables(ofJob: self.job)
        guard !tables.isEmpty else {
            throw ToolError(
                .failure,
                "job \(self.job) writes no active table",
                remedy: "name another with --job, or create one with --create NAMESPACE/NAME"
            )
        }
        return Workload(
            tables: tables,
            network: tables.lazy.compactMap { $0.files.last?.network }.first
                ?? self.settings.network,
            pace: self.settings.pace,
            seed: self.settings.seed
        )
    }

    /// What a worker does each second besides writing; `false` when its job has ended.
    private func keepHouse(_ workload: Workload) throws -> Bool {
        try self.database.beat(node: self.settings.node)
        try self.database.collect(job: self.job)
        switch try self.database.status(ofJob: self.job) {
        case "RUNNING":
            break
        case "STOP_REQUESTED":
            _ = try self.database.move(job: self.job, from: "STOP_REQUESTED", to: "STOPPING")
            _ = try self.database.move(job: self.job, from: "STOPPING", to: "STOPPED")
            return false
        case let status:
            throw ToolError(
                .failure,
                "job \(self.job) was taken from this worker: its status is \(status ?? "gone")"
            )
        }
        guard let end = self.settings.endBlock,
            workload.tables.allSatisfy({ $0.lastBlock ?? -1 >= end })
        else { return true }
        _ = try self.database.move(job: self.job, from: "RUNNING", to: "COMPLETED")
        return false
    }

    /// Writes `action`, each part in the transaction that Amp would use.
    ///
    /// - Returns: The keys of the new files, in the order of the action.
    private mutating func perform(
        _ action: Workload.Action,
        _ workload: Workload
    ) throws -> [Int64] {
        switch action {
        case .append(let file, let table):
            let ids = try self.insert([file], into: workload.tables[table])
            try self.database.announce(revision: workload.tables[table].revision)
            self.counts.appended += 1
            return ids
        case .compact(let parents, let merged, let table):
            let ids = try self.insert([merged], into: workload.tables[table])
            try self.discard(parents, of: workload.tables[table])
            self.counts.compacted += 1
            return ids
        case .reorganise(let replaced, let replacements, let table):
            let ids = try self.insert(replacements, into: workload.tables[table])
            try self.database.announce(revision: workload.tables[table].revision)
            try self.discard(replaced, of: workload.tables[table])
            self.counts.reorganised += 1
            return ids
        }
    }

    private func insert(_ files: [SimulatedFile], into table: SimulatedTable) throws -> [Int64] {
        let ids = try self.database.insert(files.map(FileRow.init), intoRevision: table.revision)
        return try files.map { file in
            guard let id = ids[file.name] else {
                throw ToolError(
                    .failure,
                    "table \(table.name) holds a file named \(file.name) already; is another "
                        + "worker at work on job \(self.job)?",
                    remedy: "start it with another --seed"
                )
            }
            return id
        }
    }

    private func discard(_ files: [SimulatedFile], of table: SimulatedTable) throws {
        try self.database.scheduleCollection(
            of: files.compactMap(\.id),
            inRevision: table.revision,
            after: self.settings.collectionDelay
        )
    }
}

extension SimulatedFile.Instant {
    /// This moment by the wall clock.
    static func now() -> Self {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return Self(seconds: Int64(time.tv_sec), nanoseconds: Int64(time.tv_nsec))
    }
}
